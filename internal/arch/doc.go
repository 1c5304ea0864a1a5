// Package arch holds the tests of the repository's own rules: which package may import
// which, that one door opens sessions, how long a file may be, that what is exported is
// explained, and that the README says what the code does.
//
// It has no code of its own. Every rule is a function over parsed files, and every
// function has a test that shows it a violation: a check that cannot fail checks nothing.
package arch
