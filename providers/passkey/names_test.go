package passkey

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestNameOf(t *testing.T) {
	const bitwarden = "d548826e-79b4-db40-a3d8-11116f7e8349"
	overrides := map[string]string{
		bitwarden:                              "The company's vault",
		"0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "",
		"11111111-2222-3333-4444-555555555555": "Our own key",
		zeroAAGUID:                             "Nobody",
	}
	for _, row := range []struct {
		name, aaguid string
		overrides    map[string]string
		want         string
	}{
		{"a known one", bitwarden, nil, "Bitwarden"},
		{"in capitals", strings.ToUpper(bitwarden), nil, "Bitwarden"},
		{"the first of the list", "bada5566-a7aa-401f-bd96-45619a55120d", nil, "1Password"},
		{"the last of the list", "b35a26b2-8f6e-4697-ab1d-d44db4da28c6", nil, "Zoho Vault"},
		{"an unknown one", "11111111-2222-3333-4444-555555555555", nil, ""},
		{"zeros", zeroAAGUID, nil, ""},
		{"nothing", "", nil, ""},
		{"a known one, renamed", bitwarden, overrides, "The company's vault"},
		{"a known one, renamed, in capitals", strings.ToUpper(bitwarden), overrides, "The company's vault"},
		{"a known one, struck out", "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6", overrides, ""},
		{"an added one", "11111111-2222-3333-4444-555555555555", overrides, "Our own key"},
		{"one that no override names", "b84e4048-15dc-4dd0-8640-f4f60813c8af", overrides, "NordPass"},
		{"zeros, named all the same", zeroAAGUID, overrides, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := nameOf(row.aaguid, row.overrides); got != row.want {
				t.Errorf("nameOf = %q, want %q", got, row.want)
			}
		})
	}
}

func TestProvidersAreInOrder(t *testing.T) {
	if len(providers) < 30 {
		t.Fatalf("%d providers", len(providers))
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for _, p := range providers {
		if !uuid.MatchString(p.aaguid) {
			t.Errorf("%s: %q is not a UUID in lower case", p.name, p.aaguid)
		}
		if seen[p.aaguid] || p.aaguid == zeroAAGUID {
			t.Errorf("%s: %s is there twice, or zeros", p.name, p.aaguid)
		}
		seen[p.aaguid] = true
		if p.name == "" || p.name != strings.TrimSpace(p.name) || len(p.name) > 40 {
			t.Errorf("%s is called %q", p.aaguid, p.name)
		}
	}
	if !slices.IsSortedFunc(providers, func(a, b provider) int {
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	}) {
		t.Error("the list is not sorted by name")
	}
}
