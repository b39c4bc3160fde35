// Training as it is defined, in double, in plain coordinates and example by example:
// what the fused kernels are checked against. Nothing here knows of reduced
// coordinates, of groups or of tiles.
#ifndef MODSPEC_TESTING_ORACLE_H
#define MODSPEC_TESTING_ORACLE_H

#include "dataset.h"

#include <functional>
#include <random>

namespace testing {

// Rates are what a step takes from its item.
struct Rates {
  double eta = 0, eta_gamma = 0, beta = 0;
};

// Matrix is rows x cols, row-major.
struct Matrix {
  int rows = 0, cols = 0;
  Vector v;
  Matrix() {}
  Matrix(int rows, int cols) : rows(rows), cols(cols), v(size_t(rows) * cols) {}
  double &operator()(int i, int j) { return v[size_t(i) * cols + j]; }
  double operator()(int i, int j) const { return v[size_t(i) * cols + j]; }
};

using Weights = std::vector<Matrix>;

inline Matrix product(const Matrix &a, const Matrix &b) {
  Matrix c(a.rows, b.cols);
  for (int i = 0; i < a.rows; i++)
    for (int k = 0; k < a.cols; k++)
      for (int j = 0; j < b.cols; j++) c(i, j) += a(i, k) * b(k, j);
  return c;
}

inline Matrix transposed(const Matrix &a) {
  Matrix t(a.cols, a.rows);
  for (int i = 0; i < a.rows; i++)
    for (int j = 0; j < a.cols; j++) t(j, i) = a(i, j);
  return t;
}

inline Matrix absolute(Matrix a) {
  for (double &x : a.v) x = fabs(x);
  return a;
}

inline void add(Matrix &a, double scale, const Matrix &b) {
  for (size_t n = 0; n < a.v.size(); n++) a.v[n] += scale * b.v[n];
}

class Oracle {
public:
  Oracle(const Dataset &s, const Rates &rates) : rates(rates), all_x(s.inputs(), s.examples()), x(s.inputs(), s.train_count()), y(s.outputs(), s.train_count()) {
    for (int e = 0, t = 0; e < s.examples(); e++) {
      for (int j = 0; j < x.rows; j++) all_x(j, e) = s.x(j, e);
      if (!s.trained[e]) continue;
      for (int j = 0; j < x.rows; j++) x(j, t) = s.x(j, e);
      for (int i = 0; i < y.rows; i++) y(i, t) = s.y(i, e);
      t++;
    }
  }

  // The weights after one step. With `sizes` the same formula with every term
  // positive: the sum of absolute values behind each new weight.
  Weights step(const Weights &before, bool sizes) const {
    Weights w = before;
    const double minus = sizes ? 1 : -1;
    std::vector<Matrix> h(1, sizes ? absolute(x) : x); // activity of every layer
    Matrix labels = sizes ? absolute(y) : y;
    if (sizes)
      for (Matrix &m : w) m = absolute(m);
    for (const Matrix &m : w) h.push_back(product(m, h.back()));
    Weights after = w;
    Matrix error = labels;
    add(error, minus, h.back());
    const double m = x.cols;
    for (size_t l = w.size(); l-- > 0;) {
      add(after[l], rates.eta / m, product(error, transposed(h[l])));
      error = product(transposed(w[l]), error);
    }
    if (rates.eta_gamma != 0) {
      Matrix contrast = product(labels, transposed(labels));
      add(contrast, minus, product(h.back(), transposed(h.back())));
      add(after.back(), sizes ? fabs(rates.eta_gamma) : rates.eta_gamma, product(contrast, w.back()));
    }
    const double beta = sizes ? fabs(rates.beta) : rates.beta;
    for (size_t l = 0; l + 1 < w.size() && rates.beta != 0; l++) {
      Matrix term = product(h[l + 1], transposed(h[l]));
      if (rates.beta > 0) {
        add(term, minus, product(product(h[l + 1], transposed(h[l + 1])), w[l]));
      } else {
        for (int i = 0; i < term.rows; i++) {
          double square = 0;
          for (int j = 0; j < term.cols; j++) square += before[l](i, j) * before[l](i, j);
          for (int j = 0; j < term.cols; j++) term(i, j) /= sizes ? fabs(1 - square) : 1 - square;
        }
      }
      add(after[l], beta, term);
    }
    return after;
  }

  static Matrix mapping(const Weights &w) {
    Matrix m = w[0];
    for (size_t l = 1; l < w.size(); l++) m = product(w[l], m);
    return m;
  }

  // A record but for its mode strengths.
  Vector record(const Dataset &s, const Weights &w) const {
    const Matrix m = mapping(w), answers = product(m, all_x);
    Vector sums(8);
    for (int i = 0; i < s.outputs(); i++) {
      const bool gamma = i >= s.omega_out;
      for (int e = 0; e < s.examples(); e++) {
        const double residual = s.y(i, e) - answers(i, e);
        sums[(s.trained[e] ? 0 : 2) + gamma] += residual * residual;
      }
      for (int j = 0; j < s.inputs(); j++) sums[4 + 2 * gamma + (j >= s.omega_in)] += m(i, j) * m(i, j);
    }
    for (int k = 0; k < 4; k++) sums[k] /= 2.0 * (k < 2 ? s.train_count() : s.examples() - s.train_count());
    return sums;
  }

  const Rates rates;

private:
  Matrix all_x, x, y;
};

} // namespace testing

#endif
