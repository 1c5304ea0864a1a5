// Package ent is the studio's database client, generated from package schema.
package ent

//go:generate go run -mod=mod entc.go
