package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Versions of migrations are times to the second, or numbers that are counted up.
const versionLayout = "20060102150405"

// nextVersion returns a version that comes after all others, in the manner of the
// folder: counted up where the last one is a short number, the time otherwise.
func nextVersion(versions []string, now time.Time) (string, error) {
	next := now.UTC().Format(versionLayout)
	if len(versions) == 0 {
		return next, nil
	}
	last := slices.MaxFunc(versions, compareVersions)
	number, err := strconv.ParseUint(last, 10, 63)
	if err == nil && (len(last) < len(versionLayout) || compareVersions(next, last) <= 0) {
		next = fmt.Sprintf("%0*d", len(last), number+1)
	}
	if compareVersions(next, last) <= 0 {
		return "", fmt.Errorf("no version comes after %q: it is neither a number nor a time", last)
	}
	return next, nil
}

// compareVersions puts numbers in their order and before everything else.
func compareVersions(a, b string) int {
	x, errA := strconv.ParseUint(a, 10, 64)
	y, errB := strconv.ParseUint(b, 10, 64)
	switch {
	case errA == nil && errB == nil:
		return cmp.Compare(x, y)
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	}
	return strings.Compare(a, b)
}

// versionOf returns what stands before the first underscore of a file's name.
func versionOf(name string) string {
	version, _, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
	return version
}
