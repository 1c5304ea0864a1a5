package server

var TempDir = tempDir
