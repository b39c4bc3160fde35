//go:build !noasm

package asm

import "golang.org/x/sys/cpu"

// assembly returns the assembly sets that this processor can run, fastest first.
func assembly[F Float]() []*Kernels[F] {
	var sets []*Kernels[F]
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
		sets = append(sets, choose[F](avx512F32, avx512F64))
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, choose[F](avx2F32, avx2F64))
	}
	return sets
}

// choose returns the one of two sets that has precision F.
func choose[F Float](single *Kernels[float32], double *Kernels[float64]) *Kernels[F] {
	if k, ok := any(double).(*Kernels[F]); ok {
		return k
	}
	return any(single).(*Kernels[F])
}

var (
	avx512F32 = &Kernels[float32]{
		Set: "avx512", Lanes: 16, TileRows: 14, TileColumns: 32, smallest: 0x1p-126, fma: fma32, mathematics: mathematics32,
		raw: &raw[float32]{
			products: []func(d, c, a, b, s *float32, m, k, dRow, cRow, aRow, aCol, bRow uintptr){
				product1AVX512F32, product2AVX512F32, product3AVX512F32, product4AVX512F32, product5AVX512F32,
				product6AVX512F32, product7AVX512F32, product8AVX512F32, product9AVX512F32,
			},
			residual: residualAVX512F32, relax: relaxAVX512F32, combine: combineAVX512F32,
			sumSquares: sumSquaresAVX512F32, rearrange: rearrangeAVX512F32, tile: blockTileAVX512F32, probe: probeAVX512F32,
			slide: [2][]func(d, c, a, b *float32, s float32, outer, inner, aRow, aStep, aSkip, bStep, bSkip, dRow, cRow uintptr){
				{slide1x1AVX512F32, slide2x1AVX512F32, slide3x1AVX512F32, slide4x1AVX512F32, slide5x1AVX512F32, slide6x1AVX512F32, slide7x1AVX512F32, slide8x1AVX512F32, slide9x1AVX512F32, slide10x1AVX512F32, slide11x1AVX512F32, slide12x1AVX512F32, slide13x1AVX512F32, slide14x1AVX512F32},
				{slide1x2AVX512F32, slide2x2AVX512F32, slide3x2AVX512F32, slide4x2AVX512F32, slide5x2AVX512F32, slide6x2AVX512F32, slide7x2AVX512F32, slide8x2AVX512F32, slide9x2AVX512F32, slide10x2AVX512F32, slide11x2AVX512F32, slide12x2AVX512F32, slide13x2AVX512F32, slide14x2AVX512F32},
			},
			functions: [NumFunctions]func(d, x, y, z *float32, a, b float32, n uintptr){
				Copy: copyAVX512F32, Affine: affineAVX512F32, Scale: scaleAVX512F32, DivideBy: divideByAVX512F32, MultiplyTo: multiplyToAVX512F32,
				Add: addAVX512F32, Subtract: subtractAVX512F32, Multiply: multiplyAVX512F32, Divide: divideAVX512F32, Maximum: maximumAVX512F32,
				Less: lessAVX512F32, Select: selectAVX512F32, Gate: gateAVX512F32, Relu: reluAVX512F32, Sqrt: sqrtAVX512F32,
				Exp: expAVX512F32, Log: logAVX512F32, Tanh: tanhAVX512F32, Sigmoid: sigmoidAVX512F32, Softplus: softplusAVX512F32,
			},
			panel:   [2]func(d, c, a, b *float32, low float32, rows, inner, dRow, cRow, aRow, aStep, bRow uintptr){panel1AVX512F32, panel2AVX512F32},
			sumRows: sumRowsAVX512F32, maxRows: maxRowsAVX512F32, sumColumns: sumColumnsAVX512F32, spread: spreadAVX512F32, transpose: transposeAVX2F32,
		},
	}
	avx512F64 = &Kernels[float64]{
		Set: "avx512", Lanes: 8, TileRows: 14, TileColumns: 16, smallest: 0x1p-1022, fma: fma64, mathematics: mathematics64,
		raw: &raw[float64]{
			products: []func(d, c, a, b, s *float64, m, k, dRow, cRow, aRow, aCol, bRow uintptr){
				product1AVX512F64, product2AVX512F64, product3AVX512F64, product4AVX512F64, product5AVX512F64,
				product6AVX512F64, product7AVX512F64, product8AVX512F64, product9AVX512F64,
			},
			residual: residualAVX512F64, relax: relaxAVX512F64, combine: combineAVX512F64,
			sumSquares: sumSquaresAVX512F64, rearrange: rearrangeAVX512F64, tile: blockTileAVX512F64, probe: probeAVX512F64,
			normals: normalsAVX512,
			functions: [NumFunctions]func(d, x, y, z *float64, a, b float64, n uintptr){
				Copy: copyAVX512F64, Affine: affineAVX512F64, Scale: scaleAVX512F64, DivideBy: divideByAVX512F64, MultiplyTo: multiplyToAVX512F64,
				Add: addAVX512F64, Subtract: subtractAVX512F64, Multiply: multiplyAVX512F64, Divide: divideAVX512F64, Maximum: maximumAVX512F64,
				Less: lessAVX512F64, Select: selectAVX512F64, Gate: gateAVX512F64, Relu: reluAVX512F64, Sqrt: sqrtAVX512F64,
				Exp: expAVX512F64, Log: logAVX512F64, Tanh: tanhAVX512F64, Sigmoid: sigmoidAVX512F64, Softplus: softplusAVX512F64,
			},
			panel:   [2]func(d, c, a, b *float64, low float64, rows, inner, dRow, cRow, aRow, aStep, bRow uintptr){panel1AVX512F64, panel2AVX512F64},
			sumRows: sumRowsAVX512F64, maxRows: maxRowsAVX512F64, sumColumns: sumColumnsAVX512F64, spread: spreadAVX512F64, transpose: transposeAVX2F64,
		},
	}
	avx2F32 = &Kernels[float32]{
		Set: "avx2", Lanes: 8, TileRows: 6, TileColumns: 16, smallest: 0x1p-126, fma: fma32, mathematics: mathematics32,
		raw: &raw[float32]{
			products: []func(d, c, a, b, s *float32, m, k, dRow, cRow, aRow, aCol, bRow uintptr){
				product1AVX2F32, product2AVX2F32, product3AVX2F32, product4AVX2F32,
			},
			residual: residualAVX2F32, relax: relaxAVX2F32, combine: combineAVX2F32,
			sumSquares: sumSquaresAVX2F32, rearrange: rearrangeAVX2F32, tile: blockTileAVX2F32, probe: probeAVX2F32,
			slide: [2][]func(d, c, a, b *float32, s float32, outer, inner, aRow, aStep, aSkip, bStep, bSkip, dRow, cRow uintptr){
				{slide1x1AVX2F32, slide2x1AVX2F32, slide3x1AVX2F32, slide4x1AVX2F32, slide5x1AVX2F32, slide6x1AVX2F32},
				{slide1x2AVX2F32, slide2x2AVX2F32, slide3x2AVX2F32, slide4x2AVX2F32, slide5x2AVX2F32, slide6x2AVX2F32},
			},
			functions: [NumFunctions]func(d, x, y, z *float32, a, b float32, n uintptr){
				Copy: copyAVX2F32, Affine: affineAVX2F32, Scale: scaleAVX2F32, DivideBy: divideByAVX2F32, MultiplyTo: multiplyToAVX2F32,
				Add: addAVX2F32, Subtract: subtractAVX2F32, Multiply: multiplyAVX2F32, Divide: divideAVX2F32, Maximum: maximumAVX2F32,
				Less: lessAVX2F32, Select: selectAVX2F32, Gate: gateAVX2F32, Relu: reluAVX2F32, Sqrt: sqrtAVX2F32,
				Exp: expAVX2F32, Log: logAVX2F32, Tanh: tanhAVX2F32, Sigmoid: sigmoidAVX2F32, Softplus: softplusAVX2F32,
			},
			panel:   [2]func(d, c, a, b *float32, low float32, rows, inner, dRow, cRow, aRow, aStep, bRow uintptr){panel1AVX2F32, panel2AVX2F32},
			sumRows: sumRowsAVX2F32, maxRows: maxRowsAVX2F32, sumColumns: sumColumnsAVX2F32, spread: spreadAVX2F32, transpose: transposeAVX2F32,
		},
	}
	avx2F64 = &Kernels[float64]{
		Set: "avx2", Lanes: 4, TileRows: 6, TileColumns: 8, smallest: 0x1p-1022, fma: fma64, mathematics: mathematics64,
		raw: &raw[float64]{
			products: []func(d, c, a, b, s *float64, m, k, dRow, cRow, aRow, aCol, bRow uintptr){
				product1AVX2F64, product2AVX2F64, product3AVX2F64, product4AVX2F64,
			},
			residual: residualAVX2F64, relax: relaxAVX2F64, combine: combineAVX2F64,
			sumSquares: sumSquaresAVX2F64, rearrange: rearrangeAVX2F64, tile: blockTileAVX2F64, probe: probeAVX2F64,
			functions: [NumFunctions]func(d, x, y, z *float64, a, b float64, n uintptr){
				Copy: copyAVX2F64, Affine: affineAVX2F64, Scale: scaleAVX2F64, DivideBy: divideByAVX2F64, MultiplyTo: multiplyToAVX2F64,
				Add: addAVX2F64, Subtract: subtractAVX2F64, Multiply: multiplyAVX2F64, Divide: divideAVX2F64, Maximum: maximumAVX2F64,
				Less: lessAVX2F64, Select: selectAVX2F64, Gate: gateAVX2F64, Relu: reluAVX2F64, Sqrt: sqrtAVX2F64,
				Exp: expAVX2F64, Log: logAVX2F64, Tanh: tanhAVX2F64, Sigmoid: sigmoidAVX2F64, Softplus: softplusAVX2F64,
			},
			panel:   [2]func(d, c, a, b *float64, low float64, rows, inner, dRow, cRow, aRow, aStep, bRow uintptr){panel1AVX2F64, panel2AVX2F64},
			sumRows: sumRowsAVX2F64, maxRows: maxRowsAVX2F64, sumColumns: sumColumnsAVX2F64, spread: spreadAVX2F64, transpose: transposeAVX2F64,
		},
	}
)
