package sweep

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	// MaxFileBytes bounds a sweep file. A list of a thousand learning rates is
	// 20 kB; what is larger was not written as a sweep file.
	MaxFileBytes = 1 << 18
	// maxNesting bounds lists and mappings within each other. A sweep file needs
	// five (file, parameters, one of them, its values, the rows of one value).
	maxNesting = 8
)

// nodeKind says what stands at a place of a YAML file.
type nodeKind int

const (
	scalarNode nodeKind = iota
	listNode
	mappingNode
	emptyNode // nothing after a colon or dash, or the word null
)

// node is a place of a YAML file. The tree is our own, so that the reading of a
// sweep file knows scalars as they were written ("1e-3" is text to some YAML
// libraries and a number to others) and every node knows where it stands.
type node struct {
	kind         nodeKind
	line, column int
	text         string // of a scalar
	quoted       bool   // whether a scalar stood in quotes, so is text and no number
	items        []*node
	entries      []entry
}

// entry is a key of a mapping and what stands behind it.
type entry struct {
	key   *node
	value *node
}

// parseTree turns YAML into a tree. A nil tree is an empty file. Whatever could
// make a small file grow or recurse is refused: anchors, aliases and merge keys,
// tags, deep nesting, a second document.
func parseTree(src *sourceText, data []byte) (tree *node, fault *Fault) {
	if f := src.characterFault(data); f != nil {
		return nil, f
	}
	if f := src.tabFault(); f != nil {
		return nil, f
	}
	// The parser is another's and is given whatever users write; should it
	// panic, that is an error of the file's and not the end of the process.
	defer func() {
		if r := recover(); r != nil {
			f := src.fault(0, 0, "the file cannot be read as YAML: "+firstLine(fmt.Sprint(r)))
			tree, fault = nil, &f
		}
	}()
	tokens := lexer.Tokenize(strings.Join(src.lines, "\n"))
	if f := src.tokenFault(tokens); f != nil {
		return nil, f
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, src.syntaxFault(err)
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		b := treeBuilder{src: src}
		if tree = b.build(doc.Body, 0); b.fault != nil {
			return nil, b.fault
		}
	}
	return tree, nil
}

// characterFault refuses what is no text: bytes that are not UTF-8, and control
// characters, which would also reach the terminal in messages.
func (s *sourceText) characterFault(data []byte) *Fault {
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		message := ""
		switch {
		case r == utf8.RuneError && size == 1:
			message = fmt.Sprintf("the byte 0x%02x is not UTF-8; save the file as UTF-8 text", data[0])
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			message = fmt.Sprintf("the control character %U is not allowed in a sweep file; delete it", r)
		}
		if message != "" {
			f := s.fault(line, column, message)
			return &f
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		data = data[size:]
	}
	return nil
}

// tabFault looks for tabs in the indentation, which YAML forbids and which look
// like the spaces that were meant.
func (s *sourceText) tabFault() *Fault {
	for i, line := range s.lines {
		body := strings.TrimLeft(line, " \t")
		indent := line[:len(line)-len(body)]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && body != "" && body[0] != '#' {
			f := s.fault(i+1, at+1, "the line is indented with a tab, but YAML allows spaces only")
			return &f
		}
	}
	return nil
}

// tokenFault refuses, before the parser sees them, the tokens that sweep files
// have no use for and nesting that costs the parser more than it is worth.
func (s *sourceText) tokenFault(tokens token.Tokens) *Fault {
	depth, dashes, line := 0, 0, 0
	content, ended := false, false
	for _, t := range tokens {
		message := ""
		switch t.Type {
		case token.CommentType:
			continue
		case token.DocumentHeaderType, token.DocumentEndType:
			ended = content
		default:
			content = true
			if ended {
				message = "a second document starts here, but a sweep file is one; put the other into a file of its own"
			}
		}
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			message = "anchors, aliases and merge keys are not allowed in a sweep file; write the value where it is used"
		case token.TagType:
			message = fmt.Sprintf("the tag %s is not allowed in a sweep file; write the plain value", quote(t.Value))
		case token.MappingKeyType:
			message = "keys are written as \"key: value\", without a question mark"
		case token.DirectiveType:
			message = "directives (lines that start with %) are not allowed in a sweep file"
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		}
		if depth > maxNesting || dashes > maxNesting {
			message = nestingMessage
		}
		if message != "" {
			f := s.fault(t.Position.Line, t.Position.Column, message)
			return &f
		}
	}
	return nil
}

var nestingMessage = fmt.Sprintf("lists and mappings are nested more than %d deep; a sweep file needs no more than 5", maxNesting)

func (s *sourceText) syntaxFault(err error) *Fault {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		f := s.fault(0, 0, "the file cannot be read as YAML: "+firstLine(err.Error()))
		return &f
	}
	line, column := position(syntax.Token)
	f := s.fault(line, column, "the YAML is broken here: "+firstLine(syntax.Message))
	return &f
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func position(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 0, 0
	}
	return t.Position.Line, t.Position.Column
}

// treeBuilder turns the library's tree into ours, and stops at the first node
// that a sweep file cannot have.
type treeBuilder struct {
	src   *sourceText
	fault *Fault
}

func (b *treeBuilder) stop(n *node, message string) *node {
	if b.fault == nil {
		f := b.src.fault(n.line, n.column, message)
		b.fault = &f
	}
	return n
}

func (b *treeBuilder) build(from ast.Node, depth int) *node {
	n := &node{kind: emptyNode}
	if from == nil || b.fault != nil {
		return n
	}
	n.line, n.column = position(from.GetToken())
	if depth > maxNesting {
		return b.stop(n, nestingMessage)
	}
	switch v := from.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		b.buildMapping(n, v.Values, v.IsFlowStyle, depth)
	case *ast.MappingValueNode:
		b.buildMapping(n, []*ast.MappingValueNode{v}, false, depth)
	case *ast.SequenceNode:
		n.kind = listNode
		for _, item := range v.Values {
			n.items = append(n.items, b.build(item, depth+1))
		}
	case *ast.LiteralNode:
		n.kind, n.quoted = scalarNode, true
		if v.Value != nil {
			n.text = v.Value.Value
		}
	case ast.ScalarNode:
		n.kind = scalarNode
		t := from.GetToken()
		n.text = t.Value
		n.quoted = t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
	default:
		return b.stop(n, fmt.Sprintf("a %s is not allowed in a sweep file", strings.ToLower(from.Type().String())))
	}
	return n
}

func (b *treeBuilder) buildMapping(n *node, values []*ast.MappingValueNode, braces bool, depth int) {
	n.kind = mappingNode
	for i, v := range values {
		e := entry{key: b.build(v.Key, depth+1), value: b.build(v.Value, depth+1)}
		if e.key.kind != scalarNode {
			b.stop(e.key, "a key must be a plain word")
			return
		}
		// The library places a mapping without braces at its first colon, and
		// nothing at the colon too; people look for the key.
		if i == 0 && !braces {
			n.line, n.column = e.key.line, e.key.column
		}
		if e.value.kind == emptyNode {
			e.value.line, e.value.column = e.key.line, e.key.column
		}
		n.entries = append(n.entries, e)
	}
}
