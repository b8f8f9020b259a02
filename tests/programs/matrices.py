# numpy: its own threads, and vector instructions of whatever width the CPU has.
import numpy

matrix = numpy.arange(10000, dtype=numpy.float64).reshape(100, 100) % 7 + numpy.eye(100) * 100
product = matrix @ matrix.T
print(product.shape, int(product.trace()))
print(numpy.allclose(matrix @ numpy.linalg.inv(matrix), numpy.eye(100)))
print(int(numpy.sort(numpy.random.default_rng(1).integers(0, 1000, 100000))[50000]))
print(round(float(numpy.fft.fft(numpy.sin(numpy.arange(1024)))[163].imag), 6))
