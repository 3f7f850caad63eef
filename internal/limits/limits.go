// Package limits says how much of everything a visitor may do, and counts. It
// alone knows the policy, the windows and where counts are kept.
//
// Every limit is a line of the policy: an act, by whom it is counted, how its
// windows run, and its rates for guests, for each tier and for admins.
package limits

import (
	"slices"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/models"
)

// An Act is what is counted. A route names the one it costs.
type Act string

// The acts of the policy that the site's routes name.
const (
	// Exempt is for probes and what is the same for all: it costs nothing.
	Exempt Act = "exempt"

	Page     Act = "page"      // a page is read
	Part     Act = "part"      // what belongs to one: thumbnails, avatars, states of files
	Search   Act = "search"    //
	Login    Act = "login"     // tried
	Register Act = "register"  //
	Reset    Act = "reset"     // a password is asked to be set anew
	Setup    Act = "setup"     // a link to become the first admin is tried
	Unlock   Act = "unlock"    // the password of a share is tried
	Post     Act = "post"      // written
	Comment  Act = "comment"   // written
	Change   Act = "change"    // of what is one's own: posts, profile, settings
	Delete   Act = "delete"    //
	Upload   Act = "upload"    // begun
	Download Act = "download"  // begun
	Zip      Act = "zip"       // of many files, begun
	Report   Act = "report"    // to the moderators
	Browser  Act = "browser"   // a browser reports what our headers made it refuse
	APIRead  Act = "api-read"  //
	APIWrite Act = "api-write" //
	Admin    Act = "admin"     // in the panel
)

// The acts that are counted beside that of a route.
const (
	LoginAccount    Act = "login-account"     // tries for one account from one place
	UploadBytes     Act = "upload-bytes"      //
	DownloadBytes   Act = "download-bytes"    //
	UploadsAtOnce   Act = "uploads-at-once"   //
	DownloadsAtOnce Act = "downloads-at-once" //
)

// A Class is a group of visitors with rates of their own.
type Class string

// The classes. The tiers are models.Tier by the same names.
const (
	Guest   Class = "guest"
	Free    Class = Class(models.TierFree)
	Pro     Class = Class(models.TierPro)
	Premium Class = Class(models.TierPremium)
	Admins  Class = "admin"
)

// Classes lists every class, from the one with the least.
func Classes() []Class { return []Class{Guest, Free, Pro, Premium, Admins} }

// ClassOf returns the class of user; the zero User is a guest.
func ClassOf(user models.User) Class {
	switch {
	case !user.SignedIn():
		return Guest
	case user.IsAdmin():
		return Admins
	}
	return Class(user.Tier)
}

// A Key says by whom an act is counted.
type Key string

// The keys. An address is counted by its prefix: an IPv4 address by itself, an
// IPv6 one by its /64, and by its /48 at ten times the rate, for that is what
// one customer of a provider has.
const (
	// ByVisitor counts a user, whatever session or API token they come by: else
	// more tokens would be more rate. A guest is counted by address.
	ByVisitor Key = "visitor"
	ByAddress Key = "address"
	// ByAccount counts an account together with the address: a stranger who
	// tries its password locks out nobody but themselves.
	ByAccount Key = "account and address"
)

// A Strategy says how windows run.
type Strategy string

// The strategies.
const (
	// Fixed windows begin with the first act and end a period later: up to
	// twice the limit can come around such an end.
	Fixed Strategy = "fixed"
	// Sliding windows end now: in no period whatever comes more than the limit.
	Sliding Strategy = "sliding"
)

// A Unit is what the numbers of a rule count.
type Unit string

// The units.
const (
	Times  Unit = "times"
	Bytes  Unit = "bytes"
	AtOnce Unit = "at once" // in this process; the period means nothing
)

// A Rate is how many in which period.
type Rate = limiter.Rate

// A Rule is a line of the policy. A class's rates hold all together, and stand
// with the shortest period first: what a short one refuses costs no long one.
type Rule struct {
	Act      Act
	Says     string // to people, what it limits: "Uploads"
	By       Key
	Strategy Strategy
	Unit     Unit
	Rates    map[Class][]Rate
}

// hasClasses reports whether r has rates of its own for each class. What is
// counted by address has the same for all: who tries a password is not known
// yet, whatever session they come by.
func (r Rule) hasClasses() bool { return r.By == ByVisitor }

// A Policy is all rules. It does not change.
type Policy struct {
	rules []Rule
	named map[ofClass]bool // by an override
}

// An ofClass is what an override names: the rates of one class for one act.
type ofClass struct {
	act   Act
	class Class
}

// Names reports whether an override, be it of LIMITS or of an admin, says the
// rates of class for act.
func (p Policy) Names(act Act, class Class) bool { return p.named[ofClass{act, class}] }

// Rules returns the rules in the order they are shown.
func (p Policy) Rules() []Rule { return slices.Clone(p.rules) }

// Rule returns the rule for act.
func (p Policy) Rule(act Act) (Rule, bool) {
	i := slices.IndexFunc(p.rules, func(r Rule) bool { return r.Act == act })
	if i < 0 {
		return Rule{}, false
	}
	return p.rules[i], true
}
