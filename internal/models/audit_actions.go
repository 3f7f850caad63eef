package models

// AuditActions lists every action that the audit log can have, in alphabetical order. The packages that
// record them name them.
func AuditActions() []AuditAction {
	return []AuditAction{
		"admin.create", "audit.cut", "browser_report.delete", "browser_report.delete_all", "certificate.retry",
		"content.break_glass", "content.read_file", "invitation.create", "invitation.redeem", "invitation.revoke",
		"ip_rule.create", "ip_rule.delete", "job.cancel", "job.retry", "mail.test", "report.claim", "report.decide",
		"report.release", "report.undo", "request.create", "request.delete", "request.revoke", "request.update",
		"session.confirm", "session.log_in", "setting.edit", "share.create", "share.revoke", "share.update", "token.create",
		"token.delete", "user.add_factor", "user.ask_deletion", "user.change_password", "user.delete", "user.end_sessions",
		"user.export", "user.guessing", "user.join", "user.keep", "user.link_identity", "user.new_recovery_codes",
		"user.reinstate", "user.remove_factor", "user.reset_link", "user.reset_password", "user.set_quota", "user.set_role",
		"user.set_tier", "user.suspend", "user.unlink_identity", "user.verify_email",
	}
}
