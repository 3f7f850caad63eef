package handlers

import (
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/panel"
	"example.org/cloakroom/internal/handlers/site"
	"example.org/cloakroom/internal/limits"
)

// The HTTP methods of routes.
const (
	GET    = "GET"
	POST   = "POST"
	PUT    = "PUT"
	PATCH  = "PATCH"
	DELETE = "DELETE"
)

// A row is a gate.Route that is written without field names.
type row gate.Route

// routes returns the route table, whose other part is apiRoutes: every route with its handler, its access, the act that
// limits count, and the body that it reads.
//
//nolint:funlen // one table: a row is a route
func routes(m *machines, s *site.Site, p *panel.Panel) []row {
	withReason, decision := gate.SmallBody.Saving(panel.ReasonFields...), gate.SmallBody.Saving(panel.DecisionFields...)
	return []row{
		// For machines
		{GET, "/livez", m.alive, gate.Probes, limits.Exempt, gate.NoBody},
		{GET, "/readyz", m.ready, gate.Probes, limits.Exempt, gate.NoBody},
		{GET, "/favicon.ico", m.favicon, gate.Probes, limits.Exempt, gate.NoBody},
		{GET, "/robots.txt", m.robots, gate.Probes, limits.Exempt, gate.NoBody},
		{GET, "/.well-known/security.txt", m.securityText, gate.Machines, limits.Exempt, gate.NoBody},
		{GET, "/manifest.webmanifest", s.AppManifest, gate.Machines, limits.Exempt, gate.NoBody},
		{POST, "/theme", s.ThemeSet, gate.Machines, limits.Page, gate.SmallBody},
		{POST, "/reports", m.browserReportsReceive, gate.Machines, limits.Browser, gate.SmallBody},

		// Posts, comments and profiles
		{GET, "/", s.Feed, gate.Public, limits.Page, gate.NoBody},
		{GET, "/feed.atom", s.FeedAtom, gate.Machines, limits.Page, gate.NoBody},
		{GET, "/posts/:id", s.PostShow, gate.Public, limits.Page, gate.NoBody},
		{GET, "/tags/:tag", s.TagShow, gate.Public, limits.Page, gate.NoBody},
		{GET, "/users/:username", s.UserShow, gate.Public, limits.Page, gate.NoBody},
		{GET, "/users/:username/avatar", s.UserAvatar, gate.Public, limits.Part, gate.NoBody},
		{GET, "/search", s.Search, gate.Public, limits.Search, gate.NoBody},
		{GET, "/posts/new", s.PostNew, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/posts", s.PostForm, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/posts", s.PostCreate, gate.SignedIn, limits.Post, gate.FileBody.Saving(site.PostFields...)},
		{GET, "/posts/deleted", s.PostDeletedList, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/posts/:id/zip", s.PostZip, gate.Public, limits.Download, gate.NoBody},
		{GET, "/posts/:id/edit", s.PostEdit, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/posts/:id/edit", s.PostUpdate, gate.SignedIn, limits.Change, gate.FileBody.Saving(site.PostFields...)},
		{POST, "/posts/:id/delete", s.PostDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{POST, "/posts/:id/restore", s.PostRestore, gate.SignedIn, limits.Change, gate.SmallBody},
		{POST, "/posts/:id/comments", s.CommentCreate, gate.SignedIn, limits.Comment, gate.SmallBody.Saving(site.CommentFields...)},
		{POST, "/comments/:id/delete", s.CommentDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{GET, "/report/:kind/:id", s.ReportForm, gate.Public, limits.Page, gate.NoBody},
		{POST, "/report/:kind/:id", s.ReportSend, gate.Public, limits.Report, gate.SmallBody.Saving(site.ReportFields...)},

		// Files
		{GET, "/files", s.FileList, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/files", s.FileCreate, gate.SignedIn, limits.Upload, gate.FileBody},
		{POST, "/files/zip", s.FilesZip, gate.SignedIn.While(gate.Unverified), limits.Page, gate.SmallBody},
		{GET, "/files/zip", s.FilesZipDownload, gate.SignedIn, limits.Download, gate.NoBody},
		{POST, "/files/share", s.FilesShare, gate.SignedIn, limits.Post, gate.SmallBody},
		{POST, "/files/post", s.FilesPost, gate.SignedIn, limits.Page, gate.SmallBody},
		{POST, "/files/delete", s.FilesDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{GET, "/files/:id/edit", s.FileEdit, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/files/:id/rename", s.FileRename, gate.SignedIn, limits.Change, gate.SmallBody},
		{POST, "/files/:id/replace", s.FileReplace, gate.SignedIn, limits.Upload, gate.FileBody},
		{POST, "/files/:id/delete", s.FileDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{POST, "/files/:id/allow-metadata", s.FileAllowMetadata, gate.SignedIn, limits.Change, gate.SmallBody},
		{GET, "/files/:id/state", s.FileState, gate.SignedIn, limits.Part, gate.NoBody},
		{GET, "/files/:id/original", s.FileOriginal, gate.SignedIn, limits.Download, gate.NoBody},
		{GET, "/files/:id/thumbnail", s.FileThumbnail, gate.PublicFile, limits.Part, gate.NoBody},
		{GET, "/files/:id/thumbnail/:width", s.FileThumbnail, gate.PublicFile, limits.Part, gate.NoBody},
		{GET, "/files/:id/preview", s.FilePreview, gate.Public, limits.Page, gate.NoBody},
		{GET, "/file-types", s.FileTypes, gate.Public, limits.Page, gate.NoBody},
		{GET, "/files/:id/:name", s.FileDownload, gate.PublicFile, limits.Download, gate.NoBody},
		{GET, "/content/:id/:name", s.ContentShow, gate.WithTicket, limits.Download, gate.NoBody},

		// Sharing
		{GET, "/share", s.ShareNew, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/shares", s.ShareList, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/shares", s.ShareCreate, gate.SignedIn, limits.Post, gate.FileBody.Saving(site.ShareFields...)},
		{GET, "/shares/:id", s.ShareShow, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/shares/:id", s.ShareUpdate, gate.SignedIn, limits.Change, gate.SmallBody.Saving(site.ShareFields...)},
		{GET, "/shares/:id/qr.png", s.ShareQR, gate.SignedIn, limits.Part, gate.NoBody},
		{POST, "/shares/:id/revoke", s.ShareRevoke, gate.SignedIn, limits.Delete, gate.SmallBody},
		{GET, "/posts/:id/access", s.PostAccess, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/posts/:id/private", s.PostMakePrivate, gate.SignedIn, limits.Change, gate.SmallBody},
		{GET, "/files/:id/access", s.FileAccess, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/files/:id/private", s.FileMakePrivate, gate.SignedIn, limits.Change, gate.SmallBody},
		{GET, "/s/:secret", s.ShareVisit, gate.Public, limits.Page, gate.NoBody},
		{POST, "/s/:secret", s.ShareUnlock, gate.Public, limits.Page, gate.SmallBody},
		{POST, "/s/:secret/comments", s.ShareComment, gate.SignedIn, limits.Comment, gate.SmallBody.Saving(site.CommentFields...)},
		{GET, "/s/:secret/files/:id/thumbnail", s.ShareThumbnail, gate.Public, limits.Part, gate.NoBody},
		{GET, "/s/:secret/files/:id/thumbnail/:width", s.ShareThumbnail, gate.Public, limits.Part, gate.NoBody},
		{GET, "/s/:secret/files/:id/preview", s.SharePreview, gate.Public, limits.Page, gate.NoBody},
		{GET, "/s/:secret/zip", s.ShareZip, gate.Public, limits.Download, gate.NoBody},
		{GET, "/s/:secret/files/:id/:name", s.ShareFile, gate.Public, limits.Download, gate.NoBody},

		// File requests
		{GET, "/requests", s.RequestList, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/requests/new", s.RequestNew, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/requests", s.RequestCreate, gate.SignedIn, limits.Post, gate.SmallBody.Saving(site.RequestFields...)},
		{GET, "/requests/:id", s.RequestShow, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/requests/:id", s.RequestUpdate, gate.SignedIn, limits.Change, gate.SmallBody.Saving(site.RequestFields...)},
		{GET, "/requests/:id/qr.png", s.RequestQR, gate.SignedIn, limits.Part, gate.NoBody},
		{POST, "/requests/:id/revoke", s.RequestRevoke, gate.SignedIn, limits.Delete, gate.SmallBody},
		{POST, "/requests/:id/delete", s.RequestDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{GET, "/r/:secret", s.RequestVisit, gate.Public, limits.Page, gate.NoBody},
		{POST, "/r/:secret", s.RequestUnlock, gate.Public.While(gate.Unverified), limits.Page, gate.SmallBody},
		{POST, "/r/:secret/files", s.RequestLeave, gate.Public.While(gate.Unverified), limits.Upload, gate.FileBody},
		{PUT, "/r/:secret/:name", s.RequestPut, gate.Machines, limits.Upload, gate.FileBody},
		{GET, "/r/:secret/receipt", s.RequestReceipt, gate.Public, limits.Page, gate.NoBody},

		// Signing up and in
		{GET, "/register", s.RegisterForm, gate.Public, limits.Page, gate.NoBody},
		{POST, "/register", s.Register, gate.Public, limits.Register, gate.SmallBody},
		{GET, "/login", s.LogInForm, gate.Public, limits.Page, gate.NoBody},
		{POST, "/login", s.LogIn, gate.Public.While(gate.Unverified), limits.Login, gate.TextBody},
		{POST, "/logout", s.LogOut, gate.Public.While(gate.Unverified | gate.OwesFactor | gate.Leaving), limits.Page, gate.SmallBody},
		{GET, "/confirm", s.ConfirmForm, gate.SignedIn.While(gate.OwesFactor), limits.Page, gate.NoBody},
		{POST, "/confirm", s.Confirm, gate.SignedIn.While(gate.Unverified | gate.OwesFactor), limits.Login, gate.SmallBody},
		{GET, "/setup/:secret", s.SetUpForm, gate.Public, limits.Setup, gate.NoBody},
		{POST, "/setup/:secret", s.SetUp, gate.Public, limits.Setup, gate.SmallBody},
		{GET, "/reset/:secret", s.ResetForm, gate.Public, limits.Reset, gate.NoBody},
		{POST, "/reset/:secret", s.Reset, gate.Public.While(gate.Unverified), limits.Reset, gate.SmallBody},
		{GET, "/forgot", s.ForgotForm, gate.Public, limits.Page, gate.NoBody},
		{POST, "/forgot", s.Forgot, gate.Public.While(gate.Unverified), limits.Reset, gate.SmallBody},
		{GET, "/verify/:secret", s.VerifyForm, gate.Public, limits.Reset, gate.NoBody},
		{POST, "/verify/:secret", s.Verify, gate.Public.While(gate.Unverified), limits.Reset, gate.SmallBody},
		{GET, "/invite/:secret", s.InvitationForm, gate.Public, limits.Setup, gate.NoBody},
		{POST, "/invite/:secret", s.InvitationAccept, gate.Public, limits.Register, gate.SmallBody},
		{GET, "/login/second-factor", s.LogInFactorForm, gate.Public, limits.Page, gate.NoBody},
		{POST, "/login/second-factor", s.LogInFactor, gate.Public.While(gate.Unverified), limits.Login, gate.TextBody},
		{POST, "/login/oidc", s.ProviderBegin, gate.Public.While(gate.Unverified), limits.Login, gate.SmallBody},
		{GET, "/login/oidc/callback", s.ProviderFinish, gate.Public, limits.Login, gate.NoBody},
		{POST, "/login/passkey/options", s.LogInPasskeyOptions, gate.Public.While(gate.Unverified), limits.Login, gate.SmallBody},
		{POST, "/login/passkey", s.LogInPasskey, gate.Public.While(gate.Unverified), limits.Login, gate.TextBody},
		{POST, "/login/second-factor/options", s.LogInFactorOptions, gate.Public.While(gate.Unverified), limits.Login, gate.SmallBody},
		{POST, "/login/second-factor/passkey", s.LogInFactorPasskey, gate.Public.While(gate.Unverified), limits.Login, gate.TextBody},
		{POST, "/confirm/provider", s.ConfirmProvider, gate.SignedIn.While(gate.Unverified), limits.Login, gate.SmallBody},
		{POST, "/confirm/options", s.ConfirmOptions, gate.SignedIn.While(gate.Unverified), limits.Login, gate.SmallBody},
		{POST, "/confirm/passkey", s.ConfirmPasskey, gate.SignedIn.While(gate.Unverified), limits.Login, gate.SmallBody},

		// A user's own account
		{GET, "/settings/profile", s.ProfileEdit, gate.SignedIn, limits.Page, gate.NoBody},
		{
			POST, "/settings/profile", s.ProfileUpdate, gate.SignedIn.While(gate.Unverified), limits.Change,
			gate.SmallBody.Saving(site.ProfileFields...),
		},
		{POST, "/settings/avatar", s.AvatarSet, gate.SignedIn, limits.Upload, gate.FileBody},
		{POST, "/settings/avatar/delete", s.AvatarDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{GET, "/settings/security", s.PasswordEdit, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/settings/security", s.PasswordUpdate, gate.SignedIn.While(gate.Unverified), limits.Change, gate.SmallBody},
		{GET, "/settings/sessions", s.SessionList, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/settings/sessions/end", s.SessionEnd, gate.ConfirmedUsers.While(gate.Unverified), limits.Page, gate.SmallBody},
		{GET, "/settings/usage", s.UsageShow, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/settings/tokens", s.TokenList, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/settings/tokens", s.TokenCreate, gate.ConfirmedUsers, limits.Change, gate.SmallBody.Saving(site.TokenFields...)},
		{GET, "/settings/sharex.sxcu", s.ShareXShow, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/settings/tokens/:id/delete", s.TokenDelete, gate.SignedIn, limits.Delete, gate.SmallBody},
		{POST, "/settings/verification", s.VerificationAsk, gate.SignedIn.While(gate.Unverified), limits.Reset, gate.SmallBody},
		{GET, "/settings/second-factor", s.FactorShow, gate.ConfirmedUsers.While(gate.OwesFactor), limits.Page, gate.NoBody},
		{GET, "/settings/second-factor/qr.png", s.FactorQR, gate.ConfirmedUsers.While(gate.OwesFactor), limits.Part, gate.NoBody},
		{POST, "/settings/second-factor/begin", s.FactorBegin, gate.FactorSetup, limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/cancel", s.FactorCancel, gate.FactorSetup, limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/finish", s.FactorFinish, gate.FactorSetup, limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/codes", s.FactorCodes, gate.FactorSetup, limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/remove", s.FactorRemove, gate.FactorSetup, limits.Change, gate.SmallBody},
		{GET, "/settings/sign-in", s.IdentityList, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/settings/sign-in/link", s.IdentityLink, gate.ConfirmedUsers.While(gate.Unverified), limits.Change, gate.SmallBody},
		{POST, "/settings/sign-in/unlink", s.IdentityUnlink, gate.ConfirmedUsers.While(gate.Unverified), limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/passkeys/options", s.PasskeyOptions, gate.FactorSetup, limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/passkeys", s.PasskeyCreate, gate.FactorSetup, limits.Change, gate.SmallBody},
		{POST, "/settings/second-factor/passkeys/:id/delete", s.PasskeyDelete, gate.FactorSetup, limits.Change, gate.SmallBody},
		{GET, "/settings/data", s.DataShow, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/settings/data/export.zip", s.DataExport, gate.ConfirmedUsers, limits.Zip, gate.NoBody},
		{POST, "/settings/data/delete", s.DataDelete, gate.ConfirmedUsers.While(gate.Unverified), limits.Change, gate.SmallBody},
		{GET, "/settings/keep", s.KeepForm, gate.SignedIn.While(gate.Leaving), limits.Page, gate.NoBody},
		{POST, "/settings/keep", s.Keep, gate.SignedIn.While(gate.Unverified | gate.Leaving), limits.Change, gate.SmallBody},
		{GET, "/settings/reports", s.SentReportList, gate.SignedIn, limits.Page, gate.NoBody},
		{GET, "/settings/notifications", s.NotificationChoices, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/settings/notifications", s.NotificationChoicesSave, gate.SignedIn.While(gate.Unverified), limits.Change, gate.SmallBody},
		{GET, "/notifications", s.NotificationList, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/notifications/read", s.NotificationsRead, gate.SignedIn.While(gate.Unverified), limits.Change, gate.SmallBody},
		{GET, "/notifications/:id", s.NotificationOpen, gate.SignedIn, limits.Page, gate.NoBody},
		{POST, "/notifications/:id/read", s.NotificationRead, gate.SignedIn.While(gate.Unverified), limits.Change, gate.SmallBody},
		{GET, "/unsubscribe/:token", s.UnsubscribeForm, gate.Public, limits.Page, gate.NoBody},
		{POST, "/unsubscribe/:token", s.Unsubscribe, gate.Machines, limits.Page, gate.SmallBody},

		// The panel: reports, for moderators too
		{GET, "/admin/reports", p.ReportList, gate.ModeratorsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/reports/:id", p.ReportShow, gate.ModeratorsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/reports/:id/claim", p.ReportClaim, gate.ConfirmedModerators, limits.Admin, gate.SmallBody},
		{POST, "/admin/reports/:id/release", p.ReportRelease, gate.ConfirmedModerators, limits.Admin, gate.SmallBody},
		{POST, "/admin/reports/:id/undo", p.ReportUndo, gate.ConfirmedModerators, limits.Admin, gate.SmallBody},
		{POST, "/admin/reports/:id/decide", p.ReportDecide, gate.ConfirmedModerators, limits.Admin, decision},

		// The panel: people
		{GET, "/admin/invitations", p.InvitationList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/invitations", p.InvitationCreate, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody.Saving(panel.InvitationFields...)},
		{POST, "/admin/invitations/:id/revoke", p.InvitationRevoke, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/users", p.UserList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/users/:username", p.UserShow, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/users/:username/reset", p.UserReset, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/users/:username/tier", p.UserSetTier, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{POST, "/admin/users/:username/role", p.UserSetRole, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{POST, "/admin/users/:username/quota", p.UserSetQuota, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{POST, "/admin/users/:username/suspend", p.UserSuspend, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/users/:username/reinstate", p.UserReinstate, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/users/:username/end-sessions", p.UserEndSessions, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/users/:username/remove-factor", p.UserRemoveFactors, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/users/:username/delete", p.UserDelete, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{POST, "/admin/users/:username/keep", p.UserKeep, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},

		// The panel: content
		{GET, "/admin/content/:kind/:id", p.SubjectShow, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/content/:kind/:id/bytes", p.SubjectBytes, gate.ConfirmedAdmins, limits.Download, gate.NoBody},
		{POST, "/admin/content/:kind/:id/open", p.SubjectOpen, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/posts", p.PostList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/comments", p.CommentList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/files", p.FileList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/content/:kind/:id/hide", p.SubjectHide, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/content/:kind/:id/remove", p.SubjectRemove, gate.ConfirmedAdmins, limits.Admin, withReason},
		{POST, "/admin/content/:kind/:id/restore", p.SubjectRestore, gate.ConfirmedAdmins, limits.Admin, withReason},

		// The panel: security and system
		{GET, "/admin", p.OverviewShow, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/test-mail", p.MailTest, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/certificates", p.CertificateList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/certificates/retry", p.CertificateRetry, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/browser-reports", p.BrowserReportList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/browser-reports/delete", p.BrowserReportDelete, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{POST, "/admin/browser-reports/delete-all", p.BrowserReportDeleteAll, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/audit", p.AuditList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/audit/events.jsonl", p.AuditExport, gate.ConfirmedAdmins, limits.Admin, gate.NoBody},
		{GET, "/admin/ip-rules", p.IPRuleList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/ip-rules", p.IPRuleCreate, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody.Saving(panel.IPRuleFields...)},
		{POST, "/admin/ip-rules/delete", p.IPRuleDelete, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/limits", p.LimitList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/limits/:act", p.LimitEdit, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/limits/:act", p.LimitUpdate, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/jobs", p.JobList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/jobs/:job/retry", p.JobRetry, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{POST, "/admin/jobs/:job/cancel", p.JobCancel, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/settings", p.SettingList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/settings", p.SettingsUpdate, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
		{GET, "/admin/tiers", p.TierList, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{GET, "/admin/tiers/:tier", p.TierEdit, gate.AdminsOnly, limits.Admin, gate.NoBody},
		{POST, "/admin/tiers/:tier", p.TierUpdate, gate.ConfirmedAdmins, limits.Admin, gate.SmallBody},
	}
}
