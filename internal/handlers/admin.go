package handlers

import (
	"net/http"

	"example.org/cloakroom/internal/limits"
)

// adminRoutes is the map of the panel. Whoever may only judge reports is let in
// to nothing else, and what changes anything wants a proof of being there.
func (s *Server) adminRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/admin/audit", s.adminAudit, admins, limits.Admin, noBody},
		{get, "/admin/audit/events.jsonl", s.adminAuditExport, confirmedAdmins, limits.Admin, noBody},
		{get, "/admin/ip-rules", s.adminIPRules, admins, limits.Admin, noBody},
		{post, "/admin/ip-rules", s.adminIPRuleCreate, confirmedAdmins, limits.Admin, smallBody},
		{post, "/admin/ip-rules/delete", s.adminIPRuleDelete, confirmedAdmins, limits.Admin, smallBody},
		{get, "/admin/limits", s.adminLimits, admins, limits.Admin, noBody},
		{get, "/admin/limits/:act", s.adminLimit, admins, limits.Admin, noBody},
		{post, "/admin/limits/:act", s.adminLimitSend, confirmedAdmins, limits.Admin, smallBody},
	}
}
