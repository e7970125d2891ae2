using System.Runtime.Intrinsics;

namespace EdgeCoder.Training.Learning;

/// <summary>A matrix in memory: where it starts, how far apart its rows are, and whether it is meant transposed.</summary>
internal readonly unsafe struct Matrix(float* data, int stride, bool transposed = false)
{
    /// <summary>First element.</summary>
    public readonly float* Data = data;

    /// <summary>Distance between stored rows, in floats.</summary>
    public readonly int Stride = stride;

    /// <summary>Whether the product wants the transposed matrix.</summary>
    public readonly bool Transposed = transposed;

    /// <summary>The transposed matrix: the same memory read the other way.</summary>
    public Matrix T => new(Data, Stride, !Transposed);
}

/// <summary>
/// Products of float matrices on one thread. The right side is packed into panels of 32 columns; tiles of 8 rows by 32 columns of the result
/// stay in registers. Rows of the result must be a multiple of 8 and columns a multiple of 32.
/// </summary>
internal sealed unsafe class MatrixMultiply(TileKernel kernel) : IDisposable
{
    private const int TileRows = 8;
    private const int PanelColumns = 32;

    private FloatBuffer _panel = new(512 * PanelColumns);

    /// <summary>C = A B, or C += A B where <paramref name="add"/> is true. A is rows by depth, B is depth by columns.</summary>
    public void Run(Matrix a, Matrix b, Matrix c, int rows, int columns, int depth, bool add = false)
    {
        if (rows % TileRows != 0 || columns % PanelColumns != 0 || c.Transposed)
        {
            throw new ArgumentException($"A result of {rows} by {columns} does not fit tiles of {TileRows} by {PanelColumns}.");
        }

        if (_panel.Length < (long)depth * PanelColumns)
        {
            _panel.Dispose();
            _panel = new FloatBuffer((long)depth * PanelColumns);
        }

        var (rowStep, depthStep) = a.Transposed ? (1, a.Stride) : (a.Stride, 1);
        for (var column = 0; column < columns; column += PanelColumns)
        {
            Pack(b, column, depth);
            for (var row = 0; row < rows; row += TileRows)
            {
                var left = a.Data + ((long)row * rowStep);
                var result = c.Data + ((long)row * c.Stride) + column;
                switch (kernel)
                {
                    case TileKernel.Vector512: Tile512(left, depthStep, rowStep, _panel.Pointer, result, c.Stride, depth, add); break;
                    case TileKernel.Vector256: Tile256(left, depthStep, rowStep, _panel.Pointer, result, c.Stride, depth, add); break;
                    default: TileScalar(left, depthStep, rowStep, _panel.Pointer, result, c.Stride, depth, add); break;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _panel.Dispose();

    private void Pack(Matrix b, int column, int depth)
    {
        var panel = _panel.Pointer;
        if (!b.Transposed)
        {
            for (var k = 0; k < depth; k++)
            {
                new ReadOnlySpan<float>(b.Data + ((long)k * b.Stride) + column, PanelColumns).CopyTo(new Span<float>(panel + (k * PanelColumns), PanelColumns));
            }

            return;
        }

        for (var j = 0; j < PanelColumns; j++)
        {
            var source = b.Data + ((long)(column + j) * b.Stride);
            for (var k = 0; k < depth; k++)
            {
                panel[(k * PanelColumns) + j] = source[k];
            }
        }
    }

    private static void Tile512(float* a, int depthStep, int rowStep, float* panel, float* c, int stride, int depth, bool add)
    {
        // Sixteen accumulators by name: an array of vectors would live in memory, not in registers.
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        float* r0 = a, r1 = r0 + rowStep, r2 = r1 + rowStep, r3 = r2 + rowStep, r4 = r3 + rowStep, r5 = r4 + rowStep, r6 = r5 + rowStep, r7 = r6 + rowStep;
        long o = 0;
        for (var k = 0; k < depth; k++, o += depthStep, panel += PanelColumns)
        {
            var x = Vector512.Load(panel);
            var y = Vector512.Load(panel + 16);
            var s = Vector512.Create(r0[o]);
            c00 = Vector512.FusedMultiplyAdd(s, x, c00);
            c01 = Vector512.FusedMultiplyAdd(s, y, c01);
            s = Vector512.Create(r1[o]);
            c10 = Vector512.FusedMultiplyAdd(s, x, c10);
            c11 = Vector512.FusedMultiplyAdd(s, y, c11);
            s = Vector512.Create(r2[o]);
            c20 = Vector512.FusedMultiplyAdd(s, x, c20);
            c21 = Vector512.FusedMultiplyAdd(s, y, c21);
            s = Vector512.Create(r3[o]);
            c30 = Vector512.FusedMultiplyAdd(s, x, c30);
            c31 = Vector512.FusedMultiplyAdd(s, y, c31);
            s = Vector512.Create(r4[o]);
            c40 = Vector512.FusedMultiplyAdd(s, x, c40);
            c41 = Vector512.FusedMultiplyAdd(s, y, c41);
            s = Vector512.Create(r5[o]);
            c50 = Vector512.FusedMultiplyAdd(s, x, c50);
            c51 = Vector512.FusedMultiplyAdd(s, y, c51);
            s = Vector512.Create(r6[o]);
            c60 = Vector512.FusedMultiplyAdd(s, x, c60);
            c61 = Vector512.FusedMultiplyAdd(s, y, c61);
            s = Vector512.Create(r7[o]);
            c70 = Vector512.FusedMultiplyAdd(s, x, c70);
            c71 = Vector512.FusedMultiplyAdd(s, y, c71);
        }

        Put(c, c00, c01, add);
        Put(c + stride, c10, c11, add);
        Put(c + (2 * stride), c20, c21, add);
        Put(c + (3 * stride), c30, c31, add);
        Put(c + (4 * stride), c40, c41, add);
        Put(c + (5 * stride), c50, c51, add);
        Put(c + (6 * stride), c60, c61, add);
        Put(c + (7 * stride), c70, c71, add);

        static void Put(float* to, Vector512<float> x, Vector512<float> y, bool add)
        {
            (add ? x + Vector512.Load(to) : x).Store(to);
            (add ? y + Vector512.Load(to + 16) : y).Store(to + 16);
        }
    }

    private static void Tile256(float* a, int depthStep, int rowStep, float* panel, float* c, int stride, int depth, bool add)
    {
        // Four rows by sixteen columns: eight accumulators, which leaves registers of the sixteen for the operands.
        for (var row = 0; row < TileRows; row += 4)
        {
            for (var column = 0; column < PanelColumns; column += 16)
            {
                Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
                float* r0 = a + ((long)row * rowStep), r1 = r0 + rowStep, r2 = r1 + rowStep, r3 = r2 + rowStep;
                var p = panel + column;
                long o = 0;
                for (var k = 0; k < depth; k++, o += depthStep, p += PanelColumns)
                {
                    var x = Vector256.Load(p);
                    var y = Vector256.Load(p + 8);
                    var s = Vector256.Create(r0[o]);
                    c00 = Vector256.FusedMultiplyAdd(s, x, c00);
                    c01 = Vector256.FusedMultiplyAdd(s, y, c01);
                    s = Vector256.Create(r1[o]);
                    c10 = Vector256.FusedMultiplyAdd(s, x, c10);
                    c11 = Vector256.FusedMultiplyAdd(s, y, c11);
                    s = Vector256.Create(r2[o]);
                    c20 = Vector256.FusedMultiplyAdd(s, x, c20);
                    c21 = Vector256.FusedMultiplyAdd(s, y, c21);
                    s = Vector256.Create(r3[o]);
                    c30 = Vector256.FusedMultiplyAdd(s, x, c30);
                    c31 = Vector256.FusedMultiplyAdd(s, y, c31);
                }

                var to = c + ((long)row * stride) + column;
                Put(to, c00, c01, add);
                Put(to + stride, c10, c11, add);
                Put(to + (2 * stride), c20, c21, add);
                Put(to + (3 * stride), c30, c31, add);
            }
        }

        static void Put(float* to, Vector256<float> x, Vector256<float> y, bool add)
        {
            (add ? x + Vector256.Load(to) : x).Store(to);
            (add ? y + Vector256.Load(to + 8) : y).Store(to + 8);
        }
    }

    private static void TileScalar(float* a, int depthStep, int rowStep, float* panel, float* c, int stride, int depth, bool add)
    {
        for (var row = 0; row < TileRows; row++)
        {
            for (var column = 0; column < PanelColumns; column++)
            {
                float sum = 0;
                for (var k = 0; k < depth; k++)
                {
                    sum = MathF.FusedMultiplyAdd(a[((long)row * rowStep) + ((long)k * depthStep)], panel[(k * PanelColumns) + column], sum);
                }

                var to = c + ((long)row * stride) + column;
                *to = add ? *to + sum : sum;
            }
        }
    }
}
