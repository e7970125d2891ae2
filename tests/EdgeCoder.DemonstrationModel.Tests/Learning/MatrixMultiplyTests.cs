using CsCheck;
using EdgeCoder.Training.Learning;

namespace EdgeCoder.Training.Tests.Learning;

public sealed class MatrixMultiplyTests
{
    [Theory]
    [InlineData("Scalar")]
    [InlineData("Vector256")]
    [InlineData("Vector512")]
    public void Every_kernel_gives_the_product(string kernel) =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 70], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int).Sample(
            (tileRows, panels, depth, transposeA, transposeB, add, seed) => LargestError(Enum.Parse<TileKernel>(kernel), tileRows * 8, panels * 32, depth, transposeA, transposeB, add, seed) < 1e-4,
            iter: 60);

    [Fact]
    public unsafe void Result_that_does_not_fit_the_tiles_is_refused()
    {
        using var multiply = new MatrixMultiply(TileKernel.Scalar);
        using var room = new FloatBuffer(64);
        Assert.Throws<ArgumentException>(() => multiply.Run(new(room.Pointer, 1), new(room.Pointer, 1), new(room.Pointer, 1), 7, 32, 1));
    }

    private static unsafe double LargestError(TileKernel kernel, int rows, int columns, int depth, bool transposeA, bool transposeB, bool add, int seed)
    {
        using FloatBuffer a = new(rows * depth), b = new(depth * columns), c = new(rows * columns);
        var random = new Random(seed);
        foreach (var buffer in (FloatBuffer[])[a, b, c])
        {
            foreach (ref var value in buffer.Span)
            {
                value = (float)(random.NextDouble() - 0.5);
            }
        }

        var before = c.Span.ToArray();
        using var multiply = new MatrixMultiply(kernel);
        var left = transposeA ? new Matrix(a.Pointer, rows).T : new Matrix(a.Pointer, depth);
        var right = transposeB ? new Matrix(b.Pointer, depth).T : new Matrix(b.Pointer, columns);
        multiply.Run(left, right, new(c.Pointer, columns), rows, columns, depth, add);
        double worst = 0;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                double sum = add ? before[(row * columns) + column] : 0;
                for (var k = 0; k < depth; k++)
                {
                    sum += (double)a.Span[transposeA ? (k * rows) + row : (row * depth) + k] * b.Span[transposeB ? (column * depth) + k : (k * columns) + column];
                }

                worst = Math.Max(worst, Math.Abs(sum - c.Span[(row * columns) + column]));
            }
        }

        return worst;
    }
}
