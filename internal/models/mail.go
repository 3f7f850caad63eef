package models

// A MailKind names a mail template.
type MailKind string

// The kinds of mail.
const (
	MailVerify        MailKind = "verify"         // link that verifies an address
	MailForgot        MailKind = "forgot"         // resolves Account to a user and queues MailReset
	MailReset         MailKind = "reset"          // link that sets a new password
	MailNewDevice     MailKind = "new_device"     // a log-in from a new device or network
	MailPassword      MailKind = "password"       // the password was changed
	MailGuessing      MailKind = "guessing"       // somebody guesses the password from many networks
	MailAddress       MailKind = "address"        // the address was changed; sent to the old one
	MailFactorAdded   MailKind = "factor_added"   // two-factor authentication was added
	MailFactorRemoved MailKind = "factor_removed" // two-factor authentication was removed
	MailNotification  MailKind = "notice"         // the text of a notification
	MailLinked        MailKind = "linked"         // an identity provider was linked
	MailUnlinked      MailKind = "unlinked"       // an identity provider was unlinked
)

// SendMail sends a mail to a user. It carries no secret: links are created when
// the job runs, because more people can read a queue than a mailbox.
type SendMail struct {
	Mail    MailKind `json:"mail"`
	UserID  UserID   `json:"user_id,omitempty"`
	To      Email    `json:"to,omitempty"`      // empty: the user's address
	Account string   `json:"account,omitempty"` // of MailForgot: the text that was typed
	Device  string   `json:"device,omitempty"`  // of MailNewDevice: the browser's name
	Place   string   `json:"place,omitempty"`   // of MailNewDevice: the network of its address
	Notice  string   `json:"notice,omitempty"`  // of MailNotification: the ID of the notification
}

// Kind implements Job.
func (SendMail) Kind() string { return "mail.send" }
