package handlers

import (
	"net/http"

	"example.org/cloakroom/internal/limits"
)

// apiPrefix begins every address of the API.
const apiPrefix = "/api/v1"

// apiRoutes is the map of the API. openapi.json says the same to its users; a
// test holds the two together.
func (s *Server) apiRoutes() []route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	routes := []route{
		{get, "/openapi.json", s.apiDescription, machines, limits.Exempt, noBody},

		{get, "/me", s.apiMeShow, apiReader, limits.APIRead, noBody},
		{patch, "/me", s.apiMeUpdate, apiWriter, limits.APIWrite, smallBody},
		{put, "/me/avatar", s.apiAvatarSet, apiUploader, limits.Upload, fileBody},
		{del, "/me/avatar", s.apiAvatarDelete, apiWriter, limits.APIWrite, noBody},
		{get, "/me/files", s.apiFileList, apiReader, limits.APIRead, noBody},
		{get, "/me/usage", s.apiMeUsage, apiReader, limits.APIRead, noBody},
		{get, "/me/posts/deleted", s.apiPostDeleted, apiReader, limits.APIRead, noBody},

		{get, "/posts", s.apiFeed, api, limits.APIRead, noBody},
		{post, "/posts", s.apiPostCreate, apiWriter, limits.APIWrite, textBody},
		{get, "/posts/:id", s.apiPostShow, api, limits.APIRead, noBody},
		{patch, "/posts/:id", s.apiPostUpdate, apiWriter, limits.APIWrite, textBody},
		{del, "/posts/:id", s.apiPostDelete, apiWriter, limits.APIWrite, noBody},
		{post, "/posts/:id/restore", s.apiPostRestore, apiWriter, limits.APIWrite, noBody},
		{get, "/posts/:id/comments", s.apiCommentList, api, limits.APIRead, noBody},
		{post, "/posts/:id/comments", s.apiCommentCreate, apiWriter, limits.APIWrite, smallBody},
		{del, "/comments/:id", s.apiCommentDelete, apiWriter, limits.APIWrite, noBody},

		{get, "/tags", s.apiTagList, api, limits.APIRead, noBody},
		{get, "/tags/:tag/posts", s.apiTagPosts, api, limits.APIRead, noBody},
		{get, "/users/:username", s.apiUserShow, api, limits.APIRead, noBody},
		{get, "/users/:username/posts", s.apiUserPosts, api, limits.APIRead, noBody},
		{get, "/search", s.apiSearch, api, limits.Search, noBody},

		{put, "/files/:name", s.apiFileCreate, apiUploader, limits.Upload, fileBody},
		{get, "/files/:id", s.apiFileShow, api, limits.APIRead, noBody},
		{del, "/files/:id", s.apiFileDelete, apiWriter, limits.APIWrite, noBody},
		{get, "/files/:id/content", s.apiFileContent, api, limits.Download, noBody},
		{get, "/files/:id/thumbnail", s.apiFileThumbnail, api, limits.APIRead, noBody},
	}
	for i := range routes {
		routes[i].path = apiPrefix + routes[i].path
	}
	return append(routes, s.apiAdminRoutes()...)
}
