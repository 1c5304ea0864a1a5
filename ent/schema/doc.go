// Package schema declares the tables of Torii as Ent types.
//
// Five of them belong in a host's own graph when the host extends it: [User],
// [Session], [Credential], [OAuthAccount] and [MagicToken]. Each can be used as a
// mixin, because every ent.Interface is also an ent.Mixin:
//
//	func (User) Mixin() []ent.Mixin { return []ent.Mixin{schema.User{}} }
//
// The others ([Challenge], [AuthEvent], [RateLimit], [Outbox], [SigningKey],
// [AuthMeta]) are internal: they hold a plain user_id, have no edge and no foreign
// key, and are migrated by Torii in every case.
//
// The package imports nothing but Ent and the standard library, since the code that
// Ent generates imports it at run time. Its types declare no hooks, policies or
// interceptors: as mixins they would receive the host's mutation types.
package schema
