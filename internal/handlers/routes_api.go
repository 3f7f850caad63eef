package handlers

import (
	"example.org/cloakroom/internal/handlers/api"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/site"
	"example.org/cloakroom/internal/limits"
)

// apiRoutes returns the rows of the API. openapi.json describes the same, and the rows of
// apiAdminRoutes; a test compares the two.
func apiRoutes(s *site.Site, a *api.API) []row {
	return []row{
		{GET, "/api/v1/openapi.json", a.Description, gate.Machines, limits.Exempt, gate.NoBody},
		{GET, "/api/v1/me/export", s.DataExport, gate.APIRead, limits.Zip, gate.NoBody},
		{GET, "/api/v1/me", a.MeShow, gate.APIRead, limits.APIRead, gate.NoBody},
		{PATCH, "/api/v1/me", a.MeUpdate, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{PUT, "/api/v1/me/avatar", a.AvatarSet, gate.APIUpload, limits.Upload, gate.FileBody},
		{DELETE, "/api/v1/me/avatar", a.AvatarDelete, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{GET, "/api/v1/me/files", a.FileList, gate.APIRead, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/me/usage", a.UsageShow, gate.APIRead, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/me/posts/deleted", a.PostDeletedList, gate.APIRead, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/posts", a.Feed, gate.APIPublic, limits.APIRead, gate.NoBody},
		{POST, "/api/v1/posts", a.PostCreate, gate.APIWrite, limits.APIWrite, gate.TextBody},
		{GET, "/api/v1/posts/:id", a.PostShow, gate.APIPublic, limits.APIRead, gate.NoBody},
		{PATCH, "/api/v1/posts/:id", a.PostUpdate, gate.APIWrite, limits.APIWrite, gate.TextBody},
		{DELETE, "/api/v1/posts/:id", a.PostDelete, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{POST, "/api/v1/posts/:id/restore", a.PostRestore, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{GET, "/api/v1/posts/:id/comments", a.CommentList, gate.APIPublic, limits.APIRead, gate.NoBody},
		{POST, "/api/v1/posts/:id/comments", a.CommentCreate, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{DELETE, "/api/v1/comments/:id", a.CommentDelete, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{GET, "/api/v1/tags", a.TagList, gate.APIPublic, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/tags/:tag/posts", a.TagPosts, gate.APIPublic, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/users/:username", a.UserShow, gate.APIPublic, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/users/:username/posts", a.UserPosts, gate.APIPublic, limits.APIRead, gate.NoBody},
		{GET, "/api/v1/search", a.Search, gate.APIPublic, limits.Search, gate.NoBody},
		{PUT, "/api/v1/files/:name", a.FileCreate, gate.APIUpload, limits.Upload, gate.FileBody},
		{PUT, "/up/:name", a.Up, gate.APIUpload, limits.Upload, gate.FileBody},
		{GET, "/api/v1/requests", a.RequestList, gate.APIRead, limits.APIRead, gate.NoBody},
		{POST, "/api/v1/requests", a.RequestCreate, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{GET, "/api/v1/requests/:id", a.RequestShow, gate.APIRead, limits.APIRead, gate.NoBody},
		{PATCH, "/api/v1/requests/:id", a.RequestUpdate, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{DELETE, "/api/v1/requests/:id", a.RequestClose, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{GET, "/api/v1/shares", a.ShareList, gate.APIRead, limits.APIRead, gate.NoBody},
		{POST, "/api/v1/shares", a.ShareCreate, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{GET, "/api/v1/shares/:id", a.ShareShow, gate.APIRead, limits.APIRead, gate.NoBody},
		{PATCH, "/api/v1/shares/:id", a.ShareUpdate, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{DELETE, "/api/v1/shares/:id", a.ShareRevoke, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{GET, "/api/v1/files/:id", a.FileShow, gate.APIPublic, limits.APIRead, gate.NoBody},
		{PATCH, "/api/v1/files/:id", a.FileRename, gate.APIWrite, limits.APIWrite, gate.SmallBody},
		{DELETE, "/api/v1/files/:id", a.FileDelete, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{POST, "/api/v1/files/:id/allow-metadata", a.FileAllowMetadata, gate.APIWrite, limits.APIWrite, gate.NoBody},
		{GET, "/api/v1/files/:id/content", a.FileContent, gate.APIPublic, limits.Download, gate.NoBody},
		{POST, "/api/v1/files/:id/content", a.FileReplace, gate.APIWrite, limits.Upload, gate.FileBody},
		{GET, "/api/v1/files/:id/thumbnail", a.FileThumbnail, gate.APIPublic, limits.APIRead, gate.NoBody},
	}
}

// apiAdminRoutes returns the rows of the API for admins.
func apiAdminRoutes(a *api.API) []row {
	return []row{
		{GET, "/api/v1/admin/users", a.AccountList, gate.APIAdmin, limits.Admin, gate.NoBody},
		{GET, "/api/v1/admin/users/:username", a.AccountShow, gate.APIAdmin, limits.Admin, gate.NoBody},
		{GET, "/api/v1/admin/invitations", a.InvitationList, gate.APIAdmin, limits.Admin, gate.NoBody},
		{POST, "/api/v1/admin/invitations", a.InvitationCreate, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{DELETE, "/api/v1/admin/invitations/:id", a.InvitationRevoke, gate.APIAdmin, limits.Admin, gate.NoBody},
		{GET, "/api/v1/admin/ip-rules", a.IPRuleList, gate.APIAdmin, limits.Admin, gate.NoBody},
		{POST, "/api/v1/admin/ip-rules", a.IPRuleCreate, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{DELETE, "/api/v1/admin/ip-rules", a.IPRuleDelete, gate.APIAdmin, limits.Admin, gate.NoBody},
		{GET, "/api/v1/admin/audit-events", a.AuditList, gate.APIAdmin, limits.Admin, gate.NoBody},
		{GET, "/api/v1/admin/limits", a.LimitList, gate.APIAdmin, limits.Admin, gate.NoBody},
		{POST, "/api/v1/admin/users/:username/tier", a.AccountSetTier, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{POST, "/api/v1/admin/users/:username/role", a.AccountSetRole, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{POST, "/api/v1/admin/users/:username/quota", a.AccountSetQuota, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{POST, "/api/v1/admin/users/:username/suspend", a.AccountSuspend, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{POST, "/api/v1/admin/users/:username/reinstate", a.AccountReinstate, gate.APIAdmin, limits.Admin, gate.SmallBody},
		{POST, "/api/v1/admin/users/:username/end-sessions", a.AccountEndSessions, gate.APIAdmin, limits.Admin, gate.SmallBody},
	}
}
