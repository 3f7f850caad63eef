package filetypes

import (
	"slices"
	"strings"

	"example.org/cloakroom/internal/problem"
)

// A Set is the part of the list that the site takes. The zero Set allows nothing.
type Set struct {
	groups   []string
	anything bool
}

// Anything is the value of UPLOAD_TYPES that allows every file.
const Anything = "*"

// ParseSet parses the setting UPLOAD_TYPES: names of groups separated by commas, or
// Anything. It returns an Invalid problem for any other text.
func ParseSet(s string) (Set, error) {
	var set Set
	for name := range strings.SplitSeq(s, ",") {
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == "":
			continue
		case name == Anything:
			set.anything = true
		case !slices.Contains(GroupNames(), name):
			return Set{}, problem.New(problem.Invalid, "%q is no group of file types; there are %s, and * for any file", name,
				strings.Join(GroupNames(), ", "))
		case !slices.Contains(set.groups, name):
			set.groups = append(set.groups, name)
		}
	}
	if !set.anything && len(set.groups) == 0 {
		return Set{}, problem.New(problem.Invalid, "no group of file types is named; there are %s, and * for any file",
			strings.Join(GroupNames(), ", "))
	}
	return set, nil
}

// Anything reports whether the set allows every file.
func (s Set) Anything() bool { return s.anything }

// A Group is a group of file types, as people are shown it.
type Group struct {
	Title      string
	Extensions []string
}

// Groups returns the groups that the set allows, with all their extensions; of Anything,
// all groups of the list.
func (s Set) Groups() (groups []Group) {
	for _, title := range groupTitles {
		if !s.anything && !slices.Contains(s.groups, title.group) {
			continue
		}
		g := Group{Title: title.title}
		for _, e := range entries {
			for _, ext := range e.extensions {
				if e.group == title.group && !slices.Contains(g.Extensions, ext) {
					g.Extensions = append(g.Extensions, ext)
				}
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// GroupNames returns the names of all groups, in the order of UPLOAD_TYPES.
func GroupNames() (names []string) {
	for _, title := range groupTitles {
		names = append(names, title.group)
	}
	return names
}
