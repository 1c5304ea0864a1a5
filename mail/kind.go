package mail

// Kind is an occasion for a mail. Its value is the name of its templates.
type Kind string

// The mails that carry a secret. They say until when it works, that it is not to be
// passed on, and what to do for who did not ask for it.
const (
	// SignIn has a link, a code or both, with which to sign in.
	SignIn Kind = "sign_in"
	// Verify has a link, a code or both, with which to prove an address.
	Verify Kind = "verify"
	// Reset has a link to a page that sets a new password.
	Reset Kind = "reset"
	// ChangeEmail goes to the new address, with a link that confirms it.
	ChangeEmail Kind = "change_email"
	// EmailChanged goes to the old address, with a link that undoes the change.
	EmailChanged Kind = "email_changed"
)

// The mails that only tell.
const (
	// AddressTaken goes to an address with which somebody tried to sign up although it
	// has an account: where to sign in, and where to reset a password.
	AddressTaken Kind = "address_taken"
	// PasswordChanged tells that the password was changed by somebody signed in.
	PasswordChanged Kind = "password_changed"
	// PasswordResetDone tells that the password was set by a mailed link.
	PasswordResetDone Kind = "password_reset_done"
	// EmailReplaced tells an address that was never proven that its account uses another
	// one: it may be a stranger's, so that there is nothing to undo the change with.
	EmailReplaced Kind = "email_replaced"
	// AccountReclaimed tells that the owner of the address has proven it, and that what
	// others had set up in the account before was removed.
	AccountReclaimed Kind = "account_reclaimed"
	// PasskeyAdded tells that a passkey was added.
	PasskeyAdded Kind = "passkey_added"
	// PasskeyRemoved tells that a passkey was removed.
	PasskeyRemoved Kind = "passkey_removed"
	// IdentityLinked tells that an account elsewhere can sign in from now on.
	IdentityLinked Kind = "identity_linked"
	// IdentityUnlinked tells that an account elsewhere can no longer sign in.
	IdentityUnlinked Kind = "identity_unlinked"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		SignIn, Verify, Reset, ChangeEmail, EmailChanged, AddressTaken, PasswordChanged, PasswordResetDone,
		EmailReplaced, AccountReclaimed, PasskeyAdded, PasskeyRemoved, IdentityLinked, IdentityUnlinked,
	}
}

// needs is what a kind's mail cannot do without.
type needs struct {
	link     bool // Link and ExpiresIn
	code     bool // Code, which may stand for Link and Link for it
	signIn   bool // SignInURL
	provider bool // Provider
}

func (k Kind) needs() needs {
	switch k {
	case SignIn, Verify:
		return needs{link: true, code: true}
	case Reset, ChangeEmail, EmailChanged:
		return needs{link: true}
	case AddressTaken:
		return needs{signIn: true}
	case IdentityLinked, IdentityUnlinked:
		return needs{provider: true}
	}
	return needs{}
}
