// Package crash has no code but tests: they kill a process that works (SIGKILL, so
// that nothing of it runs any more) and look at what it left in the database.
//
// A test starts its own binary as the process to be killed. That one opens the
// database, registers people, changes passwords, cleans up or signs people out with
// several goroutines, and reports every call that returned. The test kills it after a
// random number of reports, whatever it is doing then.
//
// What is acknowledged must be there, what is not must be there whole or not at all,
// and the next start must work. The process is killed, not the database: whether a
// commit outlives a loss of power is the database's setting.
package crash
