package yamlfile

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"modspec/engine/number"
	"modspec/engine/printable"
)

// maxNesting bounds lists and mappings within each other. A sweep file needs five
// (file, parameters, one of them, its values, the rows of one value), a network
// file as many.
const maxNesting = 8

// A NodeKind says what stands at a place of a file.
type NodeKind int

// The kinds of nodes.
const (
	Scalar  NodeKind = iota
	List             // its Items
	Mapping          // its Entries
	Empty            // nothing after a colon or dash, the word null, or an empty file
)

// A Node is a place of a file. The tree is our own, so that scalars are there as
// they were written ("1e-3" is text to some YAML libraries and a number to others)
// and every node knows where it stands.
type Node struct {
	Kind         NodeKind
	Line, Column int    // from 1
	Text         string // of a scalar, without control characters
	Quoted       bool   // whether a scalar stood in quotes, so is text and no number
	Items        []*Node
	Entries      []Entry
}

// An Entry is a key of a mapping and what stands behind it.
type Entry struct{ Key, Value *Node }

// tree turns the text into a tree; an empty file is an empty node. Whatever could
// make a small file grow or recurse is refused: anchors, aliases and merge keys,
// tags, deep nesting, a second document.
func (s *Source) tree() (root *Node, fault *Fault) {
	if f := s.characterFault(); f != nil {
		return nil, f
	}
	if f := s.lineFault(); f != nil {
		return nil, f
	}
	// The parser is another's and is given whatever users write; should it
	// panic, that is an error of the file's and not the end of the process.
	defer func() {
		if r := recover(); r != nil {
			f := s.fault(0, 0, "the file cannot be read as YAML: "+firstLine(fmt.Sprint(r)))
			root, fault = nil, &f
		}
	}()
	tokens := lexer.Tokenize(s.plain())
	if f := s.tokenFault(tokens); f != nil {
		return nil, f
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, s.syntaxFault(err)
	}
	root = &Node{Kind: Empty, Line: 1, Column: 1}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		b := treeBuilder{src: s}
		if root = b.build(doc.Body, 0); b.fault != nil {
			return nil, b.fault
		}
	}
	return root, nil
}

// plain is the text for the lexer, which takes time with the square of the number
// of tabs between quotes, and of spaces on lines that hold nothing else. A tab is a
// space there, and such a line empty; nothing changes its line or column.
func (s *Source) plain() string {
	lines := make([]string, len(s.lines))
	for i, line := range s.lines {
		if strings.TrimLeft(line, " \t") != "" {
			lines[i] = strings.ReplaceAll(line, "\t", " ")
		}
	}
	return strings.Join(lines, "\n")
}

// maxKeys bounds the keys of a file: the parser takes time with the square of a
// mapping's. A network of two towers of 511 convolutions has fewer.
const maxKeys = 4096

// characterFault refuses what is no text: bytes that are not UTF-8, and control
// characters, which would also reach the terminal in messages.
func (s *Source) characterFault() *Fault {
	for i, line := range s.lines {
		column := 1
		for rest := line; rest != ""; column++ {
			r, size := utf8.DecodeRuneInString(rest)
			message := ""
			switch {
			case r == utf8.RuneError && size == 1:
				message = fmt.Sprintf("the byte 0x%02x is not UTF-8; save the file as UTF-8 text", rest[0])
			case r != '\t' && !printable.Is(r):
				message = fmt.Sprintf("the control character %U is not allowed in a %s; delete it", r, s.kind)
			}
			if message != "" {
				f := s.fault(i+1, column, message)
				return &f
			}
			rest = rest[size:]
		}
	}
	return nil
}

// maxBlank bounds empty lines one after the other: the lexer takes time with the
// square of their number.
const maxBlank = 1000

// lineFault looks for tabs in the indentation, which YAML forbids and which look
// like the spaces that were meant, and for empty lines without end.
func (s *Source) lineFault() *Fault {
	blank := 0
	for i, line := range s.lines {
		body := strings.TrimLeft(line, " \t")
		indent := line[:len(line)-len(body)]
		if blank++; body != "" {
			blank = 0
		}
		if blank > maxBlank {
			f := s.fault(i+1, 1, fmt.Sprintf("more than %d lines are empty one after the other; delete them", maxBlank))
			return &f
		}
		if at := strings.IndexByte(indent, '\t'); at >= 0 && body != "" && body[0] != '#' {
			f := s.fault(i+1, at+1, "the line is indented with a tab, but YAML allows spaces only")
			return &f
		}
	}
	return nil
}

// tokenFault refuses, before the parser sees them, the tokens that the
// files have no use for and nesting that costs the parser more than it is worth.
func (s *Source) tokenFault(tokens token.Tokens) *Fault {
	depth, dashes, line, keys := 0, 0, 0, 0
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
				message = fmt.Sprintf("a second document starts here, but a %s is one; put the other into a file of its own", s.kind)
			}
		}
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			message = fmt.Sprintf("anchors, aliases and merge keys are not allowed in a %s; write the value where it is used", s.kind)
		case token.TagType:
			message = fmt.Sprintf("the tag %s is not allowed in a %s; write the plain value", number.Quote(t.Value), s.kind)
		case token.MappingKeyType:
			message = "keys are written as \"key: value\", without a question mark"
		case token.DirectiveType:
			message = fmt.Sprintf("directives (lines that start with %%) are not allowed in a %s", s.kind)
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		case token.MappingValueType:
			if keys++; keys > maxKeys {
				message = fmt.Sprintf("there are more than %d keys, which no %s needs", maxKeys, s.kind)
			}
		}
		if depth > maxNesting || dashes > maxNesting {
			message = s.nesting()
		}
		if message != "" {
			f := s.fault(t.Position.Line, t.Position.Column, message)
			return &f
		}
	}
	return nil
}

func (s *Source) nesting() string {
	return fmt.Sprintf("lists and mappings are nested more than %d deep, which no %s needs", maxNesting, s.kind)
}

func (s *Source) syntaxFault(err error) *Fault {
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
// that a file cannot have.
type treeBuilder struct {
	src   *Source
	fault *Fault
}

func (b *treeBuilder) stop(n *Node, message string) *Node {
	if b.fault == nil {
		f := b.src.fault(n.Line, n.Column, message)
		b.fault = &f
	}
	return n
}

func (b *treeBuilder) build(from ast.Node, depth int) *Node {
	n := &Node{Kind: Empty}
	if from == nil || b.fault != nil {
		return n
	}
	n.Line, n.Column = position(from.GetToken())
	if depth > maxNesting {
		return b.stop(n, b.src.nesting())
	}
	switch v := from.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		b.buildMapping(n, v.Values, v.IsFlowStyle, depth)
	case *ast.MappingValueNode:
		b.buildMapping(n, []*ast.MappingValueNode{v}, false, depth)
	case *ast.SequenceNode:
		n.Kind = List
		for _, item := range v.Values {
			n.Items = append(n.Items, b.build(item, depth+1))
		}
	case *ast.LiteralNode:
		n.Kind, n.Quoted = Scalar, true
		if v.Value != nil {
			n.Text = strings.TrimSuffix(v.Value.Value, "\n") // the line's own end
		}
	case ast.ScalarNode:
		n.Kind = Scalar
		t := from.GetToken()
		n.Text = t.Value
		n.Quoted = t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
	default:
		return b.stop(n, fmt.Sprintf("a %s is not allowed in a %s", strings.ToLower(from.Type().String()), b.src.kind))
	}
	// An escape such as "\e" has become what it stands for.
	if i := strings.IndexFunc(n.Text, func(r rune) bool { return !printable.Is(r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(n.Text[i:])
		return b.stop(n, fmt.Sprintf("the text %s has the control character %U in it, which is not allowed in a %s", number.Quote(n.Text), r, b.src.kind))
	}
	return n
}

func (b *treeBuilder) buildMapping(n *Node, values []*ast.MappingValueNode, braces bool, depth int) {
	n.Kind = Mapping
	for i, v := range values {
		e := Entry{Key: b.build(v.Key, depth+1), Value: b.build(v.Value, depth+1)}
		if e.Key.Kind != Scalar {
			b.stop(e.Key, "a key must be a plain word")
			return
		}
		// The library places a mapping without braces at its first colon, and
		// nothing at the colon too; people look for the key.
		if i == 0 && !braces {
			n.Line, n.Column = e.Key.Line, e.Key.Column
		}
		if e.Value.Kind == Empty {
			e.Value.Line, e.Value.Column = e.Key.Line, e.Key.Column
		}
		n.Entries = append(n.Entries, e)
	}
}
