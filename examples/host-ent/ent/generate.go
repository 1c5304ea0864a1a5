// Package ent is the client of this application, which Ent generates from ent/schema.
package ent

//go:generate go run -mod=mod entc.go
