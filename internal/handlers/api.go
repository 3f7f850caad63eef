package handlers

import (
	"net/http"
)

// apiPrefix begins every address of the API.
const apiPrefix = "/api/v1"

// apiRoutes is the map of the API. openapi.json says the same to its users; a
// test holds the two together.
func (s *Server) apiRoutes() []route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	routes := []route{
		{get, "/openapi.json", s.apiDescription, machines, noBody},

		{get, "/me", s.apiMeShow, apiUser, noBody},
		{patch, "/me", s.apiMeUpdate, apiUser, smallBody},
		{put, "/me/avatar", s.apiAvatarSet, apiUser, fileBody},
		{del, "/me/avatar", s.apiAvatarDelete, apiUser, noBody},
		{get, "/me/files", s.apiFileList, apiUser, noBody},
		{get, "/me/posts/deleted", s.apiPostDeleted, apiUser, noBody},

		{get, "/posts", s.apiFeed, api, noBody},
		{post, "/posts", s.apiPostCreate, apiUser, textBody},
		{get, "/posts/:id", s.apiPostShow, api, noBody},
		{patch, "/posts/:id", s.apiPostUpdate, apiUser, textBody},
		{del, "/posts/:id", s.apiPostDelete, apiUser, noBody},
		{post, "/posts/:id/restore", s.apiPostRestore, apiUser, noBody},
		{get, "/posts/:id/comments", s.apiCommentList, api, noBody},
		{post, "/posts/:id/comments", s.apiCommentCreate, apiUser, smallBody},
		{del, "/comments/:id", s.apiCommentDelete, apiUser, noBody},

		{get, "/tags", s.apiTagList, api, noBody},
		{get, "/tags/:tag/posts", s.apiTagPosts, api, noBody},
		{get, "/users/:username", s.apiUserShow, api, noBody},
		{get, "/users/:username/posts", s.apiUserPosts, api, noBody},
		{get, "/search", s.apiSearch, api, noBody},

		{put, "/files/:name", s.apiFileCreate, apiUser, fileBody},
		{get, "/files/:id", s.apiFileShow, api, noBody},
		{del, "/files/:id", s.apiFileDelete, apiUser, noBody},
		{get, "/files/:id/content", s.apiFileContent, api, noBody},
		{get, "/files/:id/thumbnail", s.apiFileThumbnail, api, noBody},
	}
	for i := range routes {
		routes[i].path = apiPrefix + routes[i].path
	}
	return routes
}
