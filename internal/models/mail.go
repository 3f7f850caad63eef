package models

// A MailKind says what a mail is about.
type MailKind string

// The kinds of mail.
const (
	MailVerify        MailKind = "verify"         // a link that proves that an address is theirs
	MailForgot        MailKind = "forgot"         // to find out whom Account means, and send them MailReset
	MailReset         MailKind = "reset"          // a link that sets a new password
	MailNewDevice     MailKind = "new_device"     // somebody logged in from where nobody had
	MailPassword      MailKind = "password"       // it was changed
	MailAddress       MailKind = "address"        // it was changed; goes to the old one
	MailFactorAdded   MailKind = "factor_added"   //
	MailFactorRemoved MailKind = "factor_removed" //
	MailNotice        MailKind = "notice"         // what one of their notices says
	MailLinked        MailKind = "linked"         // they can come by a provider
	MailUnlinked      MailKind = "unlinked"       // and no more
)

// SendMail sends a user a mail. No secret is in it: a link is made when the job
// runs, for a queue is read by more people than a mailbox.
type SendMail struct {
	Mail    MailKind `json:"mail"`
	UserID  UserID   `json:"user_id,omitempty"`
	To      Email    `json:"to,omitempty"`      // empty: the user's address
	Account string   `json:"account,omitempty"` // of MailForgot: what was typed
	Device  string   `json:"device,omitempty"`  // of MailNewDevice: how the browser calls itself
	Place   string   `json:"place,omitempty"`   // and the prefix of its address
	Notice  string   `json:"notice,omitempty"`  // of MailNotice: which one
}

// Kind implements Job.
func (SendMail) Kind() string { return "mail.send" }
