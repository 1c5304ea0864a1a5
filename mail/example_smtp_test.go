package mail_test

import (
	"fmt"

	"github.com/torii-go/torii/mail"
)

// All that is wrong is said at once.
func ExampleSMTP() {
	_, err := mail.SMTP(mail.SMTPConfig{
		Host:     "smtp.example.com:587",
		Username: "torii",
		Mode:     mail.InsecurePlaintext,
	})
	fmt.Println(err)
	// Output:
	// mail: invalid configuration: Host: set the server's name or IP address, without a port
	// mail: invalid configuration: Username and Password: set both or neither
	// mail: invalid configuration: Mode: InsecurePlaintext would send the password in the clear; use STARTTLS or TLS
}
