// Package limits is the rate limiter. It alone knows the policy, the windows and
// where counters are stored.
//
// Every limit is a rule of the policy: an act, what it is counted by, and its
// rates for guests, for each tier and for admins.
package limits

import (
	"slices"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/models"
)

// An Act is what a limit counts. Every route names one.
type Act string

// The acts of the policy that the site's routes name.
const (
	// Exempt is for probes and static content: it is not counted.
	Exempt Act = "exempt"

	Page     Act = "page" // a page is read
	Part     Act = "part" // of a page: thumbnails, avatars, states of files
	Search   Act = "search"
	Login    Act = "login"     // tried
	Register Act = "register"  //
	Reset    Act = "reset"     // a password reset is requested
	Setup    Act = "setup"     // the link for the first admin is opened
	Post     Act = "post"      // written
	Comment  Act = "comment"   // written
	Change   Act = "change"    // of one's own posts, profile, settings
	Delete   Act = "delete"    //
	Upload   Act = "upload"    // begun
	Download Act = "download"  // begun
	Zip      Act = "zip"       // of many files, started
	Report   Act = "report"    // to the moderators
	Browser  Act = "browser"   // a browser sends a report
	APIRead  Act = "api-read"  //
	APIWrite Act = "api-write" //
	Admin    Act = "admin"     // in the panel
)

// The acts that are counted beside that of a route.
const (
	Unlock          Act = "unlock"            // passwords tried for one share from one address
	ShareMiss       Act = "share-miss"        // links that open no share
	Stray           Act = "stray"             // requests that no route's limit counts
	LoginAccount    Act = "login-account"     // attempts for one account from one address
	LoginElsewhere  Act = "login-elsewhere"   // attempts for one account from all networks that are new to it
	BrowserAll      Act = "browser-all"       // like Browser, over all visitors
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

// A Key says what an act is counted by.
type Key string

// The keys. An IPv4 address is counted by itself, an IPv6 address by its /64, and
// by its /48 at ten times the rate, because a provider gives one customer a /48.
const (
	// ByVisitor counts a user over all sessions and API tokens, or more tokens
	// would mean more rate. A guest is counted by address.
	ByVisitor Key = "visitor"
	ByAddress Key = "address"
	// ByAccount counts an account together with the address, so that a stranger
	// who guesses passwords does not lock the owner out.
	ByAccount Key = "account and address"
	// ByName counts an account from every address together.
	ByName Key = "account"
	// ByAll counts all visitors together, whatever their addresses.
	ByAll Key = "all visitors"
)

// A Strategy says how windows run.
type Strategy string

// The strategies.
const (
	// Fixed windows begin with the first act and end a period later: around such
	// an end, up to twice the limit is possible.
	Fixed Strategy = "fixed"
	// Sliding windows end now: no period has more than the limit.
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

// A Rule is a line of the policy. All rates of a class hold together, the shortest
// period first, so that an act that a short one rejects does not cost a longer one.
type Rule struct {
	Act      Act
	Says     string // what it limits, for people: "Uploads"
	By       Key
	Strategy Strategy
	Unit     Unit
	Rates    map[Class][]Rate
}

// hasClasses reports whether each class has rates of its own. Acts that are counted
// by address have the same for all: they come before the user is known.
func (r Rule) hasClasses() bool { return r.By == ByVisitor }

// A Policy is all rules. It is immutable.
type Policy struct {
	rules []Rule
	named map[ruleKey]bool // by an override
}

// A ruleKey identifies the rates that an override replaces: those of one class
// for one act.
type ruleKey struct {
	act   Act
	class Class
}

// Names reports whether an override sets the rates of class for act.
func (p Policy) Names(act Act, class Class) bool { return p.named[ruleKey{act, class}] }

// Rules returns the rules in the order of the panel.
func (p Policy) Rules() []Rule { return slices.Clone(p.rules) }

// Rule returns the rule for act.
func (p Policy) Rule(act Act) (Rule, bool) {
	i := slices.IndexFunc(p.rules, func(r Rule) bool { return r.Act == act })
	if i < 0 {
		return Rule{}, false
	}
	return p.rules[i], true
}
