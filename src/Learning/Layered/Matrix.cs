using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MetaMap.Learning.Layered;

/// <summary>Native memory that is kept from block to block, so that computing a block allocates nothing.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class NativeMemory<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<torch.Tensor> _tensors = [];

    /// <summary>A matrix of zeros.</summary>
    public Matrix<T> Zeros(int rows, int columns) =>
        new(this, Keep(torch.zeros([rows, columns], dtype: typeof(T) == typeof(float) ? torch.float32 : torch.float64)), rows, columns);

    /// <summary>Releases all of it.</summary>
    public void Dispose()
    {
        foreach (torch.Tensor tensor in _tensors)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
    }

    /// <summary>Keeps a tensor until all is released.</summary>
    internal torch.Tensor Keep(torch.Tensor tensor)
    {
        _tensors.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }
}

/// <summary>
/// A matrix in native memory, row by row: a tensor for libtorch's matrix products, a pointer for loops over vectors.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class Matrix<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NativeMemory<T> _memory;
    private readonly torch.Tensor _tensor;
    private torch.Tensor? _transposed;

    internal Matrix(NativeMemory<T> memory, torch.Tensor tensor, int rows, int columns)
    {
        (_memory, _tensor, Rows, Columns) = (memory, tensor, rows, columns);
        Data = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }

    /// <summary>Pointer to the first number; rows follow each other without gaps.</summary>
    public T* Data { get; }

    /// <summary>The same memory as a tensor.</summary>
    public torch.Tensor Tensor => _tensor;

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Numbers in a row.</summary>
    public int Columns { get; }

    /// <summary>All numbers.</summary>
    public Span<T> Span => new(Data, Rows * Columns);

    /// <summary>The numbers of a row.</summary>
    public T* Row(int row) => Data + (nint)row * Columns;

    private torch.Tensor Transposed => _transposed ??= _memory.Keep(_tensor.t());

    /// <summary>Some of the rows, sharing the memory.</summary>
    public Matrix<T> Slice(int firstRow, int rows) => new(_memory, _memory.Keep(_tensor.narrow(0, firstRow, rows)), rows, Columns);

    /// <summary>The numbers from a position on as another matrix, sharing the memory.</summary>
    public Matrix<T> View(int first, int rows, int columns)
    {
        using torch.Tensor flat = _tensor.view(-1);
        using torch.Tensor part = flat.narrow(0, first, (long)rows * columns);
        return new(_memory, _memory.Keep(part.view(rows, columns)), rows, columns);
    }

    /// <summary>Sets this matrix to left times right, or adds that to it.</summary>
    public void Product(Matrix<T> left, Matrix<T> right, bool add = false) => Multiply(left._tensor, right._tensor, add);

    /// <summary>Sets this matrix to the transpose of left times right, or adds that to it.</summary>
    public void ProductOfTransposed(Matrix<T> left, Matrix<T> right, bool add = false) => Multiply(left.Transposed, right._tensor, add);

    /// <summary>Sets this matrix to left times the transpose of right, or adds that to it.</summary>
    public void ProductWithTransposed(Matrix<T> left, Matrix<T> right, bool add = false) => Multiply(left._tensor, right.Transposed, add);

    // Without adding, the old content is not read, so it may be anything.
    private void Multiply(torch.Tensor left, torch.Tensor right, bool add) => _tensor.addmm_(left, right, add ? 1 : 0, 1);
}
