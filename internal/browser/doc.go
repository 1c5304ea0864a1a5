// Package browser drives a real Chromium through the demonstration site, as a person
// would: it opens pages, types, presses buttons and reads what is written there. Start
// starts Chromium, StartSite the site, StartOpenID a certified OpenID provider beside
// them; Tab.Synced and its like give a tab a device that keeps passkeys. The package of
// the tests needs Main.
//
// What is missing is installed when the tests run as root on Debian; otherwise the test
// fails and says what to install. It is never skipped.
//
// Set TORII_SHOTS to a folder, and every Tab.Shot writes what people see there.
//
// It is a module of its own, so that whoever imports the library does not get a browser's
// protocol with it.
package browser
