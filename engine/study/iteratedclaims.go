package study

import (
	"fmt"
	"math"

	"modspec/engine/results"
	"modspec/engine/theory"
)

// iteratedClaims judges the lineages of the study's networks. purged is the share
// of starts from which theory has split (b) end without its non-compositional
// part.
func iteratedClaims(networks []iterated, lineages [][]lineage, purged float64) []results.Claim {
	of := func(networks ...int) (all []lineage) {
		for _, k := range networks {
			all = append(all, lineages[k]...)
		}
		return all
	}
	const over = "over seeds"
	// Only the dense network has noise of first order in its map onto Ω_y; the
	// others are not the worse for allowing it.
	kept := math.Inf(1)
	for _, k := range []int{denseA, splitA, denseB, splitB, splitCut} {
		kept = math.Min(kept, networks[k].leastKept(theory.Asked)-floorNoise)
	}
	seeds := float64(len(lineages[splitB]))
	shrunk, left := 0.0, []string{}
	for _, k := range []int{shallowA, shallowB} {
		shrunk = math.Max(shrunk, largestOf(lineages[k], func(l *lineage) float64 { return l.largestShare() / networks[k].shallowKept() }))
		left = append(left, fmt.Sprintf("%.2f onto Ωy and %.2f onto Γy", largestOf(lineages[k], (*lineage).compositionalKept), largestOf(lineages[k], (*lineage).nonCompositionalKept)))
	}
	return []results.Claim{
		results.NewClaim("iterated-learning/prediction",
			"theory predicts the norms of every generation, through all ten or fifteen, from the first initial weights alone",
			largestOf(of(denseA, splitA, shallowA, denseB, shallowB), (*lineage).deviation), results.AtMost, generationTolerance, beyondIterated,
			"largest difference of either output norm in any generation, as a share of the true labels' norm, "+over+" of dense and shallow (a, b) and split (a)"),
		results.NewClaim("iterated-learning/prediction-collapse",
			"theory predicts the norms while the split network's non-compositional modes collapse",
			largestOf(of(splitB, splitCut), (*lineage).deviation), results.AtMost, collapseTolerance, beyondIterated,
			fmt.Sprintf("the same for split in setting (b) and in (a) cut to %d steps", cutSteps)),
		results.NewClaim("iterated-learning/kept",
			"the compositional norm is kept by dense and split networks",
			smallestOf(of(denseA, splitA, denseB, splitB, splitCut), (*lineage).compositionalKept), results.AtLeast, kept, beyondIterated,
			fmt.Sprintf("compositional norm of the last generation as a share of the true labels', least %s and all settings; the threshold is what theory has mode 1 keep from a start so small that a network has it with probability %g in any of its seeds", over, chance)),
		results.NewClaim("iterated-learning/split-purged",
			"in setting (b) the split network ends without its non-compositional part, in as many seeds as theory says",
			seeds*shareOf(lineages[splitB], (*lineage).isPurged), results.AtLeast, float64(fewest(purged, len(lineages[splitB]))), beyondIterated,
			fmt.Sprintf("seeds of %.0f that end with a non-compositional norm of at most %g of the true labels' (largest %.2g); theory has it so from %.3g of %d other starts, and the threshold is missed with probability %g; mode 2 is predicted to last for about %.0f generations",
				seeds, purgedThreshold, largestOf(lineages[splitB], (*lineage).nonCompositionalKept), purged, purgeStarts, chance, networks[splitB].lifetime(theory.LeftOut))),
		results.NewClaim("iterated-learning/split-cut-short",
			fmt.Sprintf("in setting (a) it takes generations of %d steps for the split network to end without its non-compositional part", cutSteps),
			largestOf(of(splitCut), (*lineage).nonCompositionalKept), results.AtMost, purgedThreshold, beyondLifetime,
			fmt.Sprintf("non-compositional norm of the last generation as a share of the true labels', largest %s; mode 2 is predicted to last for about %.0f generations", over, networks[splitCut].lifetime(theory.LeftOut))),
		results.NewClaim("iterated-learning/split-not-cut",
			"at the 1250 steps of setting (a) the split network is not cut short and keeps its non-compositional part for all ten generations",
			smallestOf(of(splitA), (*lineage).nonCompositionalKept), results.AtLeast, networks[splitA].leastKept(theory.Other), beyondLifetime,
			fmt.Sprintf("non-compositional norm of the last generation as a share of the true labels', least %s; its modes are predicted to last for about %.0f and %.0f generations; the threshold is what theory has mode 3 keep from a start so small that the network has it with probability %g in any of its seeds",
				over, networks[splitA].lifetime(theory.LeftOut), networks[splitA].lifetime(theory.Other), chance)),
		results.NewClaim("iterated-learning/dense-floor",
			"the dense network cannot fall below the floor that mode 1 itself carries into Γy",
			smallestOf(of(denseA, denseB), func(l *lineage) float64 { least, _ := l.overFloor(); return least }), results.AtLeast, 1-floorNoise, beyondIterated,
			"non-compositional norm over √(k_y n_y r²/(k_y r² + P))·a1 with the generation's own a1, least "+over+", generations and both settings"),
		results.NewClaim("iterated-learning/dense-ends-on-floor",
			"in setting (b) the dense network ends on that floor",
			largestOf(of(denseB), func(l *lineage) float64 { _, last := l.overFloor(); return last }), results.AtMost, 1+floorNoise, beyondIterated,
			"the same in the last generation, largest "+over),
		results.NewClaim("iterated-learning/dense-keeps-mode-2",
			"in setting (a) the dense network loses mode 3 alone and ends at √(floor² + (n_x − n_y)·a2²)",
			largestOf(of(denseA), (*lineage).offModes12), results.AtMost, floorNoise+1-networks[denseA].leastKept(theory.LeftOut), beyondLifetime,
			fmt.Sprintf("|ratio − 1| in the last generation, largest %s; modes 2 and 3 are predicted to last for about %.0f and %.0f generations",
				over, networks[denseA].lifetime(theory.LeftOut), networks[denseA].lifetime(theory.Other))),
		results.NewClaim("iterated-learning/shallow",
			"every generation shrinks both parts of the shallow network's map, at least as far as theory says",
			shrunk, results.AtMost, 1+shrinkNoise, beyondIterated,
			fmt.Sprintf("largest share of either norm that a generation keeps of the one before, %s, generations and both settings, over theory's 1 − (1−ηδ)^T for the strongest input, %.4f in (a) and %.4f in (b); at the end there is left, of the true labels, %s in (a), %s in (b)",
				over, networks[shallowA].shallowKept(), networks[shallowB].shallowKept(), left[0], left[1])),
	}
}

const (
	// generationTolerance bounds two things. Deep networks: the remainder that
	// prediction.Predictor.Starts names, (m/h)(a(0)/a')^{1−λ/λ'}, for mode 3 beside mode 2
	// of the dense network (m = 5, a(0) = 10⁻⁶, a' = 0.45, λ/λ' = 0.77) 5·10⁻³ on
	// average. Shallow networks: the initial weights that are in no mode, whose
	// block norm σ√(8·27) is 2·10⁻³ of the smallest final norm. The factor of two
	// over the former is a convention: the remainder is largest while mode 3
	// grows, and at the end of a generation most of it has gone.
	generationTolerance = 0.01

	// collapseTolerance is the same remainder for the split network's a(0) = 10⁻⁴,
	// where it is 0.015 on average, grown while a mode collapses: an error in ln a
	// grows by (1 + s·x)/(1 + s) in a generation that takes the share s/(1 + s) from
	// the mode, so by up to (1 + x)/2 = 6.8 as the mode halves (x = 12.5 in (b)).
	// That the average remainder will do is a convention, for the same reason.
	collapseTolerance = 0.1

	// purgedThreshold counts as nothing left, a convention: three times what the
	// initial weights alone give, mode strengths a(0) = 10⁻⁴ in 8 directions and
	// weights in no mode σ²√h·√(8·27) = 4·10⁻⁴, over the norm 1.5. No seed is near
	// it for long: a collapse, which feeds on itself, crosses it within two
	// generations.
	purgedThreshold = 0.001

	// purgeStarts is how many starts, of seeds that are not trained, theory follows
	// to the last generation of split (b). Their share has a standard error of at
	// most ½/√1000 = 0.016.
	purgeStarts = 1000

	// floorNoise bounds what the initial weights do to the norm of mode 1 in Γ_y:
	// across u, in the plane of a bit's Ω_y and Γ_y parts, they put √a·σ·N(0,1), a
	// share σ√(P/(k_y r²))/√a1 = 3.2·10⁻⁴; four standard deviations and, in (b),
	// what modes 2 and 3 keep.
	floorNoise = 0.002

	// shrinkNoise is what the initial weights may add to a norm of the shallow
	// network in a generation. A generation leaves M_g = M_{g−1}Q + W(0)(1 − Q), where
	// Q has the eigenvalues 1 − (1−ηδ)^T, the largest of them q. So
	// ‖M_g‖ ≤ q‖M_{g−1}‖ + ‖W(0)‖ in either block of rows. Of 8 rows of 27 weights
	// ‖W(0)‖ is at most σ√356 = 3.8·10⁻³ (see chiSquareBound), 0.007 of the smallest
	// norm onto Γ_y, 0.56; of one row σ√95 = 1.9·10⁻³, 0.005 of the smallest onto Ω_y,
	// 0.43. Even with it every generation shrinks: q(1 + shrinkNoise) is 0.990 in (a)
	// and 0.982 in (b).
	shrinkNoise = 0.007
)
