package page

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// NoticeSuspended follows the username of a user whom an admin has just suspended.
const NoticeSuspended = " is suspended."

// notices are the sentences that a page can show after an action. A cookie names one, so
// that nobody can make the site show other text. Those that begin with a space follow a
// username.
var notices = map[string]string{ //nolint:gosec // sentences, not secrets
	"saved":     "Changes saved.",
	"retry":     "Retrying within seconds.",
	"posted":    "Published. Copy the link to share it.",
	"restored":  "Post restored.",
	"deleted":   "Deleted.",
	"post":      "Post deleted. You can restore it within 7 days.",
	"comment":   "Comment deleted.",
	"file":      "File deleted.",
	"files":     "Files deleted.",
	"somefiles": "Some of these files did not exist any more. The others are deleted.",
	"renamed":   "File renamed.",
	"replaced":  "File replaced. Links to it lead to the new content.",
	"allowed":   "Others can get this file now, with the data in it.",
	"uploaded":  "Upload complete.",
	"profile":   "Profile saved.",
	"avatar":    "Profile image saved.",
	"noavatar":  "Profile image removed.",
	"token":     "Token deleted. It no longer works.",
	"nokey":     "Passkey deleted. You can no longer sign in with it.",
	"rule":      "Rule saved.",
	"norule":    "Rule deleted.",
	"revoked":   "Invitation revoked. Its link no longer works.",
	"ended":     "Signed out.",
	"password":  "Password changed. You are signed out everywhere else.",
	"linked":    "Linked. You can now sign in with this provider.",
	"unlinked":  "Unlinked. You can no longer sign in with this provider, and you are signed out everywhere else.",
	"passkey":   "Passkey added. You are signed out everywhere else.",
	"forgot":    "If this account exists and has a verified email, we've sent a reset link to it.",
	"sent":      "We've sent you an email with a link.",
	"verified":  "Email verified.",
	"reset":     "Password changed. Sign in with your new password.",
	"factor":    "Authenticator app removed. You are signed out everywhere else.",
	"leaving":   "Your account is closed and scheduled for deletion. Until then you can sign in and keep it.",
	"kept":      "Your account is restored. Welcome back!",
	"reported":  "Report sent. A moderator will look at it.",
	"decided":   "Decision saved. The reporters have been notified.",
	"opened":    "Access granted. The owner has been notified.",
	"claimed":   "Report claimed.",
	"released":  "Report released.",
	"undone":    "Decision undone.",
	"hidden":    "Hidden. The owner has been notified.",
	"removed":   "Removed. The owner has been notified.",
	"shown":     "Restored. The owner has been notified.",
	"testmail":  "The mail server accepted the test. Look in your inbox.",
	"retried":   "The job will run in a moment.",
	"cancelled": "Job cancelled.",
	"gone":      "That is no longer there, or you can't open it any more.",
	"shared":    "Your link is ready.",
	"nolink":    "Link revoked. It no longer opens anything.",
	"nolinks":   "Revoked. No link opens this file alone.",
	"request":   "Your file request is ready. Copy the link to send it.",
	"closed":    "File request closed. Its link no longer takes files.",
	"norequest": "File request deleted. The files are still in your post.",
	"left":      "Thank you. Your files have arrived.",
	"leftsome":  "Some files have arrived. There was no room left for the others.",
	"private":   "Private. Only you can open it.",
	"welcome":   "Welcome! Your account is ready.",

	"tier":       " has a new tier.",
	"role":       " has a new role.",
	"quota":      " has a new quota.",
	"suspended":  NoticeSuspended,
	"reinstated": " is reinstated.",
	"signed-out": " is signed out everywhere.",
	"no-app":     " no longer has an authenticator app.",
	"deletion":   " is scheduled for deletion.",
	"stays":      " is no longer scheduled for deletion.",
}

// noticeLife is how long a notice waits for the page that shows it.
const noticeLife = time.Minute

// noticeCookie returns the cookie that carries a notice over a redirect: its name and
// the path of the one page that shows it.
func (re *Renderer) noticeCookie() gate.Cookie {
	return gate.Cookie{Name: "notice", Life: noticeLife, Secure: re.Options.Secure}
}

// Tell redirects to a page of this site, which shows the named notice once.
func (re *Renderer) Tell(c echo.Context, to, notice string) error {
	at, err := url.Parse(to)
	if err != nil {
		return err
	}
	re.noticeCookie().Set(c, models.Secret(notice+":"+url.QueryEscape(at.Path)))
	return c.Redirect(http.StatusSeeOther, to)
}

// told returns the notice for the requested page, and forgets it.
func (re *Renderer) told(c echo.Context) string {
	r := c.Request()
	notice, path, _ := strings.Cut(re.noticeCookie().Get(c).Reveal(), ":")
	if path != url.QueryEscape(r.URL.Path) || r.Method != http.MethodGet {
		return ""
	}
	re.noticeCookie().Set(c, "")
	c.Response().Header().Set("Cache-Control", noStore)
	return notices[notice]
}
