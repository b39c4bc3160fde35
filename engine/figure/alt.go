package figure

import "fmt"

// AltText describes a figure to those who do not see it: what its panels show.
// What they mean is for the caption, which stands beside the picture anyway.
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
