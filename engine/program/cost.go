package program

// A Cost is the work of a program for one run, counted without fusion.
type Cost struct {
	// Products are the multiply-adds of products and convolutions.
	Products int64
	// Elements are the elements that other operations compute.
	Elements int64
	// Read and Written are tensor elements that operations read and write.
	// Reshape and Stop move nothing.
	Read, Written int64
}

// FLOPs is twice the products and once the elements.
func (c Cost) FLOPs() int64 { return 2*c.Products + c.Elements }

// Cost counts the work of a program.
func (p *Program) Cost() Cost {
	var c Cost
	for i := range p.Nodes {
		n := &p.Nodes[i]
		operation := &Operations[n.Op]
		switch n.Op {
		case Reshape, Stop, Constant, Read, Setting, Steps:
			continue
		}
		in := make([][]int, len(n.In))
		for k, v := range n.In {
			in[k] = p.Nodes[v].Shape
			c.Read += int64(Size(in[k]))
		}
		c.Written += int64(n.Size())
		switch {
		case operation.products != nil:
			c.Products += operation.products(n, in)
		case n.Op == Sum || n.Op == TopK:
			c.Elements += int64(Size(in[0]))
		case n.Op == Softmax || n.Op == LogSoftmax:
			c.Elements += 3 * int64(n.Size()) // difference, exponential, quotient or sum
		case n.Op >= Transpose && n.Op <= Broadcast || n.Op == Gather: // copies
		default:
			c.Elements += int64(n.Size())
		}
	}
	return c
}
