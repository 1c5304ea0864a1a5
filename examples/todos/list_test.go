package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// idOf finds the id of a todo in the page by its words.
func idOf(t *testing.T, page answer, words string) string {
	t.Helper()
	m := regexp.MustCompile(`action="/todos/(\w+)/delete"><button[^>]* aria-label="Delete: ` + regexp.QuoteMeta(words) + `"`).FindStringSubmatch(page.body)
	if m == nil {
		t.Fatalf("no todo %q in the page\n%s", words, page.body)
	}
	return m[1]
}

// The whole story, from sign-up to the end of the account.
func TestTodos(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := newBrowser(t, base)
		wantRedirect(t, "a stranger", b.get("/"), "/login?return_to=%2F")
		want(t, "the way in", b.get("/login?return_to=%2F"), http.StatusOK, "Sign in", `href="/register"`)
		want(t, "sign-up", b.get("/register"), http.StatusOK, `autocomplete="new-password"`)

		b = signUp(t, base, "ada@example.org")
		want(t, "an empty list", b.get("/"), http.StatusOK, "Nothing yet.", "ada@example.org", "Sign out")
		wantRedirect(t, "sign-up, signed in", b.get("/register"), "/")
		wantRedirect(t, "add", b.post("/todos", "words", "  Buy milk "), "/")
		wantRedirect(t, "add another", b.post("/todos", "words", "Buy \U0001F35E bread"), "/")
		page := b.get("/")
		want(t, "two", page, http.StatusOK, "2 of 2 to do.", ">Buy milk<", "\U0001F35E")

		milk, bread := idOf(t, page, "Buy milk"), idOf(t, page, "Buy \U0001F35E bread")
		for range 2 { // a form that is sent twice changes nothing more
			wantRedirect(t, "tick off", b.post("/todos/"+milk+"/tick", "done", "true"), "/")
			page = b.get("/")
			want(t, "ticked off", page, http.StatusOK, "1 of 2 to do.", "<s>Buy milk</s>", "Not done after all: Buy milk")
		}
		if strings.Index(page.body, "Buy milk") < strings.Index(page.body, "bread") {
			t.Error("what is done comes before what is to do")
		}
		wantRedirect(t, "untick", b.post("/todos/"+milk+"/tick", "done", "false"), "/")
		want(t, "unticked", b.get("/"), http.StatusOK, "2 of 2 to do.")
		wantRedirect(t, "tick off", b.post("/todos/"+bread+"/tick", "done", "true"), "/")
		wantRedirect(t, "delete", b.post("/todos/"+milk+"/delete"), "/")
		page = b.get("/")
		want(t, "one left", page, http.StatusOK, "All done.")
		if strings.Contains(page.body, "milk") {
			t.Errorf("a deleted todo is in the page\n%s", page.body)
		}
		want(t, "delete it twice", b.post("/todos/"+milk+"/delete"), http.StatusNotFound, "There is nothing here")
		want(t, "tick off what is gone", b.post("/todos/"+milk+"/tick", "done", "true"), http.StatusNotFound)

		elsewhere := newBrowser(t, base)
		wantRedirect(t, "sign in elsewhere", elsewhere.post("/login", "email", "ADA@example.org", "password", phrase), "/")
		want(t, "the same list", elsewhere.get("/"), http.StatusOK, "bread")
		wantRedirect(t, "sign out", b.post("/logout"), "/login")
		wantRedirect(t, "the list, signed out", b.get("/"), "/login?return_to=%2F")
		wantRedirect(t, "a form that the page still shows", b.post("/todos", "words", "Too late"), "/login")
		wantRedirect(t, "sign out twice", b.post("/logout"), "/login")

		want(t, "delete the account", elsewhere.do(http.MethodDelete, "/auth/user", nil), http.StatusNoContent)
		again := signUp(t, base, "ada@example.org")
		want(t, "who comes after", again.get("/"), http.StatusOK, "Nothing yet.")
	})
}

// Somebody else's todo is as if it were not there.
func TestSomebodyElsesTodo(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		ada, bob := signUp(t, base, "ada@example.org"), signUp(t, base, "bob@example.org")
		wantRedirect(t, "add", ada.post("/todos", "words", "Buy milk"), "/")
		wantRedirect(t, "add", bob.post("/todos", "words", "Buy bread"), "/")
		milk := idOf(t, ada.get("/"), "Buy milk")
		if page := bob.get("/"); strings.Contains(page.body, "milk") {
			t.Errorf("Bob sees Ada's list\n%s", page.body)
		}
		for _, id := range []string{milk, strings.ToLower(milk), strings.Repeat("A", 26), "1", "%00", strings.Repeat("%00", 26), "%ff", "%27%20OR%201=1--"} {
			for _, done := range []string{"true", "false"} {
				want(t, "tick "+id, bob.post("/todos/"+id+"/tick", "done", done), http.StatusNotFound, "There is nothing here")
			}
			want(t, "delete "+id, bob.post("/todos/"+id+"/delete"), http.StatusNotFound, "There is nothing here")
		}
		want(t, "Ada's list", ada.get("/"), http.StatusOK, "1 of 1 to do.", "Buy milk")
	})
}

func TestOtherSitesAreRefused(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		ada, stranger := signUp(t, base, "ada@example.org"), newBrowser(t, base)
		wantRedirect(t, "add", ada.post("/todos", "words", "Buy milk"), "/")
		milk := idOf(t, ada.get("/"), "Buy milk")
		for _, path := range []string{"/todos", "/todos/" + milk + "/tick", "/todos/" + milk + "/delete", "/logout", "/login", "/register"} {
			for _, b := range []*browser{ada, stranger} {
				for _, site := range []string{"cross-site", "same-site"} {
					b.site = site
					want(t, site+" "+path, b.post(path, "words", "Forged", "done", "true", "email", "eve@example.org", "password", phrase), http.StatusForbidden, "nothing was done")
				}
				b.site = "same-origin"
			}
		}
		page := ada.get("/")
		want(t, "the list", page, http.StatusOK, "1 of 1 to do.", "Buy milk")
		if strings.Contains(page.body, "Forged") {
			t.Error("another site has written into the list")
		}
		want(t, "nobody was signed up", stranger.post("/login", "email", "eve@example.org", "password", phrase), http.StatusUnauthorized)
	})
}

// What people write is text, wherever it stands in the page.
func TestMarkupIsText(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := signUp(t, base, "ada@example.org")
		const script, attribute = `<script>alert(1)</script>`, `" onfocus="alert(2)" x="`
		wantRedirect(t, "a script", b.post("/todos", "words", script), "/")
		wantRedirect(t, "an attribute", b.post("/todos", "words", attribute), "/")
		typed := script + attribute + strings.Repeat("x", maxWords)
		for _, page := range []answer{
			b.get("/"),
			b.post("/todos", "words", typed), // shown again beside what is wrong with it
			newBrowser(t, base).post("/login", "email", script+attribute, "password", phrase),
		} {
			if strings.Contains(page.body, "<script") || strings.Contains(page.body, `" onfocus="`) {
				t.Errorf("markup went through\n%s", page.body)
			}
			if !strings.Contains(page.body, "&lt;script&gt;") {
				t.Errorf("the words are not there\n%s", page.body)
			}
		}
	})
}

func TestWords(t *testing.T) {
	eachSite(t, func(t *testing.T, base string) {
		b := signUp(t, base, "ada@example.org")
		for _, row := range []struct{ name, words, says string }{
			{"nothing", "", "Write down"},
			{"spaces", "  \t ", "Write down"},
			{"too many", strings.Repeat("ä", maxWords+1), "at most 200"},
			{"a zero byte", "a\x00b", "cannot be used"},
			{"two lines", "a\nb", "cannot be used"},
			{"not UTF-8", "a\xff", "cannot be used"},
		} {
			got := b.post("/todos", "words", row.words)
			want(t, row.name, got, http.StatusUnprocessableEntity, row.says, "<title>Error: ", `aria-invalid="true"`, "Nothing yet.")
		}
		wantRedirect(t, "as many as can be", b.post("/todos", "words", strings.Repeat("\U0001F35E", maxWords)), "/")
		want(t, "all of them", b.get("/"), http.StatusOK, strings.Repeat("\U0001F35E", maxWords)+"<")
	})
}
