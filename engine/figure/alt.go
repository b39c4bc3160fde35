package figure

import "fmt"

// AltText describes in words what the panels show, for readers who cannot see the
// figure. The caption, which is beside the picture, says what it means.
func (f Figure) AltText() string {
	text := Plain(f.Title)
	if text == "" {
		text = f.Name
	}
	text += "."
	for i, p := range f.Panels {
		text += fmt.Sprintf(" Panel %d", i+1)
		if p.Title != "" {
			text += ", " + Plain(p.Title)
		}
		if p.Heatmap != nil && p.Heatmap.Label != "" {
			text += ": " + Plain(p.Heatmap.Label) + " in colours"
			if p.XLabel != "" && p.YLabel != "" {
				text += " over " + Plain(p.XLabel) + " and " + Plain(p.YLabel)
			}
		} else if p.YLabel != "" {
			text += ": " + Plain(p.YLabel)
			if p.XLabel != "" {
				text += " over " + Plain(p.XLabel)
			}
		}
		text += "."
	}
	return text
}
