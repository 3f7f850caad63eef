package models

import (
	"slices"
	"strings"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A NotificationKind says what a notification is about.
type NotificationKind string

// The kinds that moderators and admins cause. Users cannot turn them off.
const (
	NotificationReport     NotificationKind = "report"      // a decision about something they reported
	NotificationModerated  NotificationKind = "moderated"   // their content was hidden, removed or restored
	NotificationBreakGlass NotificationKind = "break_glass" // an admin broke the glass of something private of theirs
	NotificationSecurity   NotificationKind = "security"    // somebody guesses their password
)

// The kinds whose delivery users choose.
const (
	NotificationComment NotificationKind = "comment" // on a post of theirs
	NotificationMention NotificationKind = "mention" // by @name, in a post or comment

	NotificationFirstPickup NotificationKind = "first_pickup" // through a share of theirs
	NotificationUsedUp      NotificationKind = "used_up"      // a share of theirs has no place left
	NotificationUnused      NotificationKind = "unused"       // a share of theirs is about to expire, and nobody has used it

	NotificationReceived NotificationKind = "received" // a file, through a file request of theirs
)

// NotificationKinds lists the kinds whose delivery users choose.
func NotificationKinds() []NotificationKind {
	return []NotificationKind{
		NotificationComment, NotificationMention, NotificationFirstPickup, NotificationUsedUp, NotificationUnused,
		NotificationReceived,
	}
}

// A Delivery says how a user is notified.
type Delivery string

// The deliveries. Each but DeliverOff shows the notification on the site too.
const (
	DeliverAtOnce Delivery = "at_once" // one email for each
	DeliverDaily  Delivery = "daily"   // one email a day
	DeliverSite   Delivery = "site"    // no email
	DeliverOff    Delivery = "off"     // not at all
)

// Deliveries lists the deliveries.
func Deliveries() []Delivery {
	return []Delivery{DeliverAtOnce, DeliverDaily, DeliverSite, DeliverOff}
}

// ByMail reports whether d sends email.
func (d Delivery) ByMail() bool { return d == DeliverAtOnce || d == DeliverDaily }

// ParseDelivery returns s as a Delivery, or an Invalid problem at field.
func ParseDelivery(field, s string) (Delivery, error) {
	for _, d := range Deliveries() {
		if string(d) == s {
			return d, nil
		}
	}
	return "", problem.OnField(field, "Choose one of the listed ways.")
}

// DefaultDelivery returns the delivery of a kind for users who have chosen none.
func DefaultDelivery(NotificationKind) Delivery { return DeliverDaily }

// A NotificationChoice is the delivery that a user chose for a kind.
type NotificationChoice struct {
	UserID   UserID           `gorm:"primaryKey"`
	Kind     NotificationKind `gorm:"primaryKey"`
	Delivery Delivery
}

// A Notification tells a user about their account or content. It is stored even
// when no mail server is configured.
type Notification struct {
	ID          string
	UserID      UserID
	Kind        NotificationKind
	Object      string  // what it leads to, in the notation of the audit log; may be empty
	About       string  // what it is about, in the same notation; empty: it is never counted up
	Words       string  // the text, or the title of what it is about
	ActorID     *UserID // who caused the last one; nil: no user who exists
	Times       int     // how many notifications it stands for
	CreatedAt   time.Time
	ReadAt      *time.Time // nil: unread
	DigestSince *time.Time // since when it waits for the daily email; nil: it does not
	Batch       string     // the email that it is in; empty: none

	Cause string `gorm:"-"` // what happened to the object, if that can happen more than once
}

// AboutMore is the About of the notification that stands for all that are too many.
const AboutMore = "more"

// Event returns the name of what n is about. A user is notified of an event once: a
// mention in a comment on one's own post is one event, not two. A share has an event for
// each kind, and a file request one for each file.
func (n Notification) Event() string {
	if n.Cause != "" {
		return n.Object + " " + string(n.Kind) + " " + n.Cause
	}
	if strings.HasPrefix(n.Object, ShareObject("")) {
		return n.Object + " " + string(n.Kind)
	}
	return n.Object
}

// A NotificationView is a Notification with who caused it.
type NotificationView struct {
	Notification
	Actor Username // empty: nobody who exists
}

// Cursor returns the position of the notification in a list.
func (n NotificationView) Cursor() Cursor { return Cursor{At: n.CreatedAt, ID: n.ID} }

// Text returns the notification as a sentence.
func (n NotificationView) Text() string {
	who, title, times := string(n.Actor), "“"+n.Words+"”", problem.Number(n.Times).String()
	if who == "" {
		who = "Someone"
	}
	if n.Words == "" {
		title = "a post without a title"
	}
	switch n.Kind {
	case NotificationFirstPickup, NotificationUsedUp, NotificationUnused:
		return n.shareText(title, times)
	case NotificationReceived:
		return n.receivedText(title, times)
	}
	switch {
	case n.About == AboutMore && n.Kind == NotificationComment:
		return "More comments on your posts: " + times + "."
	case n.About == AboutMore:
		return "More mentions of you: " + times + "."
	case n.Kind == NotificationComment && n.Times > 1:
		return times + " new comments on " + title + "."
	case n.Kind == NotificationComment:
		return who + " commented on " + title + "."
	case n.Kind == NotificationMention && n.Times > 1:
		return "You were mentioned " + times + " times in " + title + "."
	case n.Kind == NotificationMention:
		return who + " mentioned you in " + title + "."
	}
	return n.Words
}

// shareText is Text for the kinds about shares.
func (n NotificationView) shareText(title, times string) string {
	texts := map[NotificationKind][2]string{
		NotificationFirstPickup: {
			title + " was downloaded through your link for the first time.", "More links of yours used for the first time: ",
		},
		NotificationUsedUp: {"Your link to " + title + " is used up: it has no download left.", "More links of yours that are used up: "},
		NotificationUnused: {
			"Your link to " + title + " expires within a day, and nobody has used it.", "More links of yours that expire unused: ",
		},
	}[n.Kind]
	if n.About == AboutMore {
		return texts[1] + times + "."
	}
	return texts[0]
}

// receivedText is Text for files that were left for a file request.
func (n Notification) receivedText(title, times string) string {
	switch {
	case n.About == AboutMore:
		return "More files for your file requests: " + times + "."
	case n.Times > 1:
		return times + " files were left for your file request " + title + "."
	}
	return "A file was left for your file request " + title + "."
}

// Leads reports whether there is something to open.
func (n Notification) Leads() bool {
	kind, id, _ := strings.Cut(n.Object, ":")
	return IsID(id) && kind != "" && slices.Contains(NotificationKinds(), n.Kind)
}

// NotifyOfComment notifies users of a comment: the author of the post, and whom it
// mentions. It is queued for each comment, so that adding one takes as long whether or
// not it mentions somebody who exists.
type NotifyOfComment struct {
	Comment CommentID `json:"comment"`
}

// Kind implements Job.
func (NotifyOfComment) Kind() string { return "notification.comment" }

// NotifyOfPost notifies the users that a post mentions.
type NotifyOfPost struct {
	Post PostID `json:"post"`
}

// Kind implements Job.
func (NotifyOfPost) Kind() string { return "notification.post" }

// NotifyOfShare notifies the owner of a share of what a kind is about.
type NotifyOfShare struct {
	Share ShareID          `json:"share"`
	About NotificationKind `json:"about"`
}

// Kind implements Job.
func (NotifyOfShare) Kind() string { return "notification.share" }

// TellOfUnusedShares notifies the owners of shares that are about to expire unused.
type TellOfUnusedShares struct{}

// Kind implements Job.
func (TellOfUnusedShares) Kind() string { return "share.unused" }

// MailNotifications sends a user the email with the notifications of a batch.
type MailNotifications struct {
	UserID UserID `json:"user_id"`
	Batch  string `json:"batch"`
}

// Kind implements Job.
func (MailNotifications) Kind() string { return "notification.mail" }

// SendDigests queues the daily emails that are due.
type SendDigests struct{}

// Kind implements Job.
func (SendDigests) Kind() string { return "notification.digest" }

// ExpireNotifications removes old notifications.
type ExpireNotifications struct{}

// Kind implements Job.
func (ExpireNotifications) Kind() string { return "notification.expire" }

// NotifyOfReceived notifies the owner of a file request of a file that somebody left. It
// is queued for each file.
type NotifyOfReceived struct {
	File ReceivedFileID `json:"file"`
}

// Kind implements Job.
func (NotifyOfReceived) Kind() string { return "notification.received" }
