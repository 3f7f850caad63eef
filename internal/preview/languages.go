package preview

import (
	"compress/gzip"
	"embed"
	"errors"
	"io/fs"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// languageFiles holds what scripts/languages copies; without it, only .gitkeep.
//
//go:embed all:languages
var languageFiles embed.FS

// languages returns the lexers of all languages. They find only each other for code of another
// language within a text. All of them can be stopped at each token; others that chroma has, as
// those of templates in HTML, go through a whole text before their first token. The first call
// reads the names of the languages, the first text in a language reads its rules.
var languages = sync.OnceValue(func() *chroma.LexerRegistry {
	registry := chroma.NewLexerRegistry()
	registry.Register(chroma.MustNewLexer(
		&chroma.Config{Name: "Go", Aliases: []string{"golang"}, Filenames: []string{"*.go"}}, goRules))
	registry.Register(chroma.MustNewLexer(
		&chroma.Config{Name: "Markdown", Aliases: []string{"md"}, Filenames: []string{"*.md", "*.markdown"}}, markdownRules))
	files, err := fs.Glob(languageFiles, "languages/*.xml.gz")
	if err != nil {
		return registry
	}
	for _, file := range files {
		lexer, err := chroma.NewXMLLexer(unpackedFS{}, strings.TrimSuffix(file, ".gz"))
		if err == nil { // TestLanguages_AreWhole reads all of them
			registry.Register(lexer)
		}
	}
	return registry
})

// unpackedFS is languageFiles with each file decompressed, and without the .gz in its name.
type unpackedFS struct{}

type unpackedFile struct {
	fs.File
	content *gzip.Reader
}

var unpackers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// Open implements fs.FS.
func (unpackedFS) Open(name string) (fs.File, error) {
	packed, err := languageFiles.Open(name + ".gz")
	if err != nil {
		return nil, err
	}
	content, _ := unpackers.Get().(*gzip.Reader)
	if err := content.Reset(packed); err != nil {
		unpackers.Put(content)
		return nil, errors.Join(err, packed.Close())
	}
	return unpackedFile{packed, content}, nil
}

func (f unpackedFile) Read(p []byte) (int, error) { return f.content.Read(p) }

func (f unpackedFile) Close() error {
	unpackers.Put(f.content)
	return f.File.Close()
}

// goRules are the rules of Go. Nothing in them reads further than its line before it gives a token.
func goRules() chroma.Rules {
	const name = `[\p{L}_][\p{L}\p{Nd}_]*`
	return chroma.Rules{
		"root": {
			{Pattern: `\s+`, Type: chroma.TextWhitespace, Mutator: nil},
			{Pattern: `//[^\n]*`, Type: chroma.CommentSingle, Mutator: nil},
			{Pattern: `/\*`, Type: chroma.CommentMultiline, Mutator: chroma.Push("comment")},
			{Pattern: "`", Type: chroma.LiteralString, Mutator: chroma.Push("raw")},
			{Pattern: `"(\\.|[^"\\\n])*"`, Type: chroma.LiteralString, Mutator: nil},
			{Pattern: `'(\\[^\n][^'\n]*|[^'\\\n])'`, Type: chroma.LiteralStringChar, Mutator: nil},
			{Pattern: chroma.Words("", `\b`, "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough",
				"for", "func", "go", "goto", "if", "import", "interface", "map", "package", "range", "return", "select", "struct",
				"switch", "type", "var"), Type: chroma.Keyword, Mutator: nil},
			{Pattern: chroma.Words("", `\b`, "true", "false", "iota", "nil"), Type: chroma.KeywordConstant, Mutator: nil},
			{Pattern: chroma.Words("", `\b`, "any", "bool", "byte", "comparable", "complex64", "complex128", "error", "float32", "float64",
				"int", "int8", "int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr"),
				Type: chroma.KeywordType, Mutator: nil},
			{Pattern: `0[xX][\da-fA-F_.]+([pP][+-]?\d+)?i?|0[bBoO][\d_]+i?|(\d[\d_]*\.?|\.\d)[\d_]*([eE][+-]?\d+)?i?`,
				Type: chroma.LiteralNumber, Mutator: nil},
			{Pattern: name + `(?=\()`, Type: chroma.NameFunction, Mutator: nil},
			{Pattern: name, Type: chroma.NameOther, Mutator: nil},
			{Pattern: `.`, Type: chroma.Punctuation, Mutator: nil},
		},
		"comment": {
			{Pattern: `\*/`, Type: chroma.CommentMultiline, Mutator: chroma.Pop(1)},
			{Pattern: `[^*]+|\*`, Type: chroma.CommentMultiline, Mutator: nil},
		},
		"raw": {
			{Pattern: "`", Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: "[^`]+", Type: chroma.LiteralString, Mutator: nil},
		},
	}
}

// markdownRules are the rules of Markdown, which is shown as its text.
func markdownRules() chroma.Rules {
	return chroma.Rules{
		"root": {
			{Pattern: "^[ \\t]*(```|~~~)[^\\n]*", Type: chroma.LiteralString, Mutator: chroma.Push("code")},
			{Pattern: `<!--`, Type: chroma.CommentMultiline, Mutator: chroma.Push("comment")},
			{Pattern: `^#{1,6}[ \t][^\n]*`, Type: chroma.GenericHeading, Mutator: nil},
			{Pattern: `^[ \t]*([-*+]|\d+[.)])(?=[ \t])`, Type: chroma.Keyword, Mutator: nil},
			{Pattern: `^[ \t]*>+`, Type: chroma.Keyword, Mutator: nil},
			{Pattern: "`[^`\\n]+`", Type: chroma.LiteralString, Mutator: nil},
			{Pattern: `(\*\*|__)(?=\S)[^*_\n]+\1`, Type: chroma.GenericStrong, Mutator: nil},
			{Pattern: `!?\[[^][\n]+\](?=[(:[])`, Type: chroma.NameTag, Mutator: nil},
			{Pattern: `\w+|.|\n`, Type: chroma.Text, Mutator: nil},
		},
		"code": {
			{Pattern: "^[ \\t]*(```|~~~)[ \\t]*$", Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `[^\n]+|\n`, Type: chroma.LiteralString, Mutator: nil},
		},
		"comment": {
			{Pattern: `-->`, Type: chroma.CommentMultiline, Mutator: chroma.Pop(1)},
			{Pattern: `[^-]+|-`, Type: chroma.CommentMultiline, Mutator: nil},
		},
	}
}
