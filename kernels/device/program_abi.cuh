// What host and device agree on for programs: the lists that launches of a program
// read. Every field takes eight bytes; engine/backend/cuda/programs/abi.go mirrors this
// file, and a test there compares the two name by name.
//
// Words: a *piece* is the part of a launch that one list entry describes; pieces of a
// launch do not depend on each other. The grid's x counts blocks of pieces, one after
// the other, of which `first` is a piece's first; the grid's y is the run. An element of
// run r of a tensor lies at `at` + r·stride elements; a stride of 0 is a tensor that all
// runs share. *Real* is the precision, float or double.
//
// Arguments of every kernel that has pieces: the list, its length, and for each run the
// step at which it has diverged, −1 for none. Nothing is done for a run that has.
#ifndef MODSPEC_PROGRAM_ABI_CUH
#define MODSPEC_PROGRAM_ABI_CUH

#include "abi.h"

// The most axes of a transposed or sliced tensor, after neighbours are joined.
#define MAX_AXES 6

// Registers of a chain beside its accumulator, in shared memory.
#define MAX_SLOTS 8

// What an instruction of a chain does with its sources x, y, z. Element i of each
// depends on element i of the sources alone. The result is the accumulator.
enum ProgramCode {
  CODE_GIVEN,    // the accumulator: what the kernel computed before its chain
  CODE_LOAD,     // an element of an operand; where that has none, the accumulator
  CODE_MOVE,     // x
  CODE_AFFINE,   // a·x + b
  CODE_RELU,
  CODE_SQRT,
  CODE_EXP,
  CODE_LOG,
  CODE_TANH,
  CODE_SIGMOID,
  CODE_SOFTPLUS,
  CODE_ERF,
  CODE_SIN,
  CODE_COS,
  CODE_ADD,      // from here on with y
  CODE_SUBTRACT,
  CODE_MULTIPLY,
  CODE_DIVIDE,
  CODE_MAXIMUM,
  CODE_LESS,
  CODE_ATAN2,
  CODE_SELECT    // y where x is not 0, otherwise z
};

// Where a source stands: in one of the slots 0 to MAX_SLOTS − 1, or here.
enum ProgramSource { SOURCE_ACCUMULATOR = MAX_SLOTS, SOURCE_A, SOURCE_B, SOURCE_NONE };

struct ProgramInstruction {
  int64_t word;    // code, x, y, z, slot of the result: 8 bits each, from the lowest on
  int64_t operand; // CODE_LOAD: which operand
  int64_t store;   // the operand that the result is stored in; −1: none
  double a;
  double b;
};

// ProgramOperand is a tensor of a chain. Element i is, with i as a number whose digits
// c_k have the bases length[k], the last axis first, the element offset + Σ c_k·step[k]
// of the tensor; there is none where the digit `bounded` lies outside [low, high).
struct ProgramOperand {
  Address at;
  int64_t stride;
  int64_t offset;
  int64_t axes;    // −1: element i is offset + i; 0: always offset
  int64_t bounded; // −1: there are all elements
  int64_t low;
  int64_t high;
  int64_t length[MAX_AXES];
  int64_t multiplier[MAX_AXES]; // n / length = n·multiplier >> shift for n < 2^31
  int64_t shift[MAX_AXES];
  int64_t step[MAX_AXES];
};

// ProgramChain is a chain of elementwise operations.
struct ProgramChain {
  int64_t first;
  int64_t size;     // elements of a run
  int64_t count;    // instructions
  Address code;     // ProgramInstruction
  Address operands; // ProgramOperand
};

// ProgramDigits are lengths of the last two of three digits of an index: i =
// (outer·height + y)·width + x.
struct ProgramDigits {
  int64_t height;
  int64_t height_multiplier;
  int64_t height_shift;
  int64_t width;
  int64_t width_multiplier;
  int64_t width_shift;
};

// ProgramSteps is how far elements are apart whose digits differ by one.
struct ProgramSteps {
  int64_t outer;
  int64_t y;
  int64_t x;
};

// ProgramSide is a factor of a product: the element of extent e (a row of the left
// factor, a column of the right one) and depth d is the sum of their offsets. Plain
// products have x steps alone.
struct ProgramSide {
  Address at;
  int64_t stride;
  int64_t batch;   // elements from one matrix of the batch to the next
  int64_t wide;    // 1: neighbours in the extent are neighbours in memory
  int64_t bounded; // 1: there are elements only where 0 <= y_e − y_d < height and
  int64_t height;  // 0 <= x_e − x_d < width; elsewhere it is 0
  int64_t width;
  ProgramSteps extent;
  ProgramSteps depth;
};

// ProgramProduct is a product of matrices, or a convolution as one:
// result[row, col] = Σ_d left[row, d]·right[d, col], to which a chain is applied.
struct ProgramProduct {
  int64_t first;
  int64_t batch;
  int64_t rows;
  int64_t cols;
  int64_t depth;
  int64_t size;         // elements of the result
  int64_t row_step;     // of the result; its columns have the digits of the right extent
  ProgramSteps col_step;
  ProgramDigits row_digits;
  ProgramDigits col_digits;
  ProgramDigits depth_digits;
  ProgramSide left;
  ProgramSide right;
  int64_t count;
  Address code;
  Address operands;
};

// ProgramSum adds the elements along an axis: result o = b·after + i is
// Σ_l x[(b·length + l)·after + i].
struct ProgramSum {
  int64_t first;
  int64_t size; // results
  int64_t length;
  int64_t after;
  int64_t slices; // threads that share a sum, a power of two up to 256
  Address from;
  int64_t from_stride;
  Address to;
  int64_t to_stride;
};

enum ProgramRowKind { ROW_SOFTMAX, ROW_LOG_SOFTMAX, ROW_TOP };

// ProgramRows applies an operation to each row.
struct ProgramRows {
  int64_t first;
  int64_t rows;
  int64_t length;
  int64_t kind;
  int64_t most;  // ROW_TOP: how many elements of a row become 1
  int64_t lanes; // threads that share a row, a power of two up to 32
  Address from;
  int64_t from_stride;
  Address to;
  int64_t to_stride;
};

// ProgramGather takes rows of a table.
struct ProgramGather {
  int64_t first;
  int64_t size;
  int64_t width; // elements of a row
  int64_t rows;
  int64_t node;  // of the program, for the report of a bad index
  Address table;
  int64_t table_stride;
  Address indices;
  int64_t indices_stride;
  Address to;
  int64_t to_stride;
  Address faults; // uint64_t, a run: the least of node·2^32 + place of a bad index; all ones: none
};

// ProgramWatch is a variable of which a run diverges where it is not finite.
struct ProgramWatch {
  int64_t first;
  int64_t size;
  Address from;
  int64_t from_stride;
};

enum ProgramDrawKind { DRAW_NORMAL, DRAW_UNIFORM, DRAW_WHOLE, DRAW_BATCH };

// ProgramDraw draws random numbers.
struct ProgramDraw {
  int64_t first;
  int64_t size;
  int64_t kind;
  int64_t number; // of the draw
  int64_t below;  // DRAW_WHOLE: the bound; DRAW_BATCH: the examples
  int64_t stream; // which of a run's streams
  int64_t streams;
  Address seeds;  // uint64_t, a run: seed and point of each stream
  Address steps;  // int64_t, a run: steps done, −1 for initial values
  Address order;  // DRAW_BATCH: int64_t, a run: the epoch that the order is of, and the order
  Address to;
  int64_t to_stride;
};

#endif
