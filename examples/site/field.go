package main

// field is one input. Its name is the contract's name of the member, under which an
// auth.FieldsError speaks of it.
type field struct {
	Name, Label, Type, Autocomplete string
	ID                              string // in the page, if Name is there twice
	Hint                            string
	Optional                        bool
	Value                           string
	Error                           string
}

// At is the field's id in its page.
func (in field) At() string {
	if in.ID != "" {
		return in.ID
	}
	return in.Name
}

// DescribedBy lists the ids of what a screen reader should read beside the label.
func (in field) DescribedBy() string {
	switch at := in.At(); {
	case in.Hint != "" && in.Error != "":
		return at + "-error " + at + "-hint"
	case in.Error != "":
		return at + "-error"
	case in.Hint != "":
		return at + "-hint"
	}
	return ""
}

// The fields that several forms have. Autocomplete tells browsers and password managers
// what they are for.

func nameField() field {
	return field{Name: "name", Label: "Name", Type: "text", Autocomplete: "name", Optional: true}
}

func emailField() field {
	return field{Name: "email", Label: "E-mail address", Type: "email", Autocomplete: "email"}
}

// codeField is for the code of a mail, in capitals or not, with its hyphen or without.
func codeField() field {
	return field{
		Name: "code", Label: "Code from the mail", Type: "text", Autocomplete: "one-time-code",
		Hint: "Eight letters and digits, like 7K3M-9QXD.",
	}
}

func currentPassword(name, label string) field {
	return field{Name: name, Label: label, Type: "password", Autocomplete: "current-password"}
}

func newPassword(name, label string) field {
	return field{
		Name: name, Label: label, Type: "password", Autocomplete: "new-password",
		Hint: "At least 8 characters. A few words that do not belong together are good.",
	}
}
