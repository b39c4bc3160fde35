// Package theory is the exact side of modspec: what linear networks learn of a
// dataset, and when, in closed form.
//
// A module reads some blocks of the input and writes some blocks of the output
// (a [View]). For every point of the space its XᵀX and YᵀY share one eigenbasis,
// the Walsh functions, so the singular value decomposition of Σ_yx is known. It
// falls into at most four kinds of [Mode]:
//
//	kind       what it is                        μ_x          μ_y
//	Asked      a bit that is input and output    k_x r² + P   k_y r² + P
//	LeftOut    a bit that is input alone         k_x r² + P   k_y r²
//	NotGiven   a bit that is output alone        k_x r²       k_y r² + P
//	Other      every other Walsh function        k_x r²       k_y r²
//
// with μ_x, μ_y the eigenvalues of XᵀX and YᵀY, restricted to the blocks that the
// view reads and writes. Then λ = √(μ_x μ_y)/P is the singular value of Σ_yx,
// δ = μ_x/P the eigenvalue of Σ_x, and λ/δ the strength at which learning ends.
//
// Learning from small weights moves each mode alone: in closed form in
// continuous time ([Deep], [Shallow]), and by a scalar recursion under real
// steps ([DeepSteps], [ShallowSteps]), started from the very weights that
// training starts from ([DeepStart], [ShallowStart]). From the modes'
// strengths follow the norms of the four quadrants of the learned map and its
// systematicity ([Quadrants], dataset.Quadrants.Systematicity).
//
// Time counts steps of gradient descent with learning rate η on
// L = ½·mean over examples of ‖y − ŷ‖².
//
// Sources: Jarvis, Klein, Rosman, Saxe 2023 (the paper), sections 3 to 5;
// Saxe, McClelland, Ganguli 2014, for the dynamics of a mode.
package theory
