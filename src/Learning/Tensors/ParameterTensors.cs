using System.Runtime.InteropServices;
using MetaMap.Core.Parameters;
using TorchSharp;

namespace MetaMap.Learning.Tensors;

/// <summary>Copies parameters between managed memory and tensors.</summary>
internal static class ParameterTensors
{
    /// <summary>
    /// One float32 leaf that requires gradients per layout entry, in the caller's dispose scope. Each has its own memory:
    /// libtorch aligns it alike everywhere, and the bits of some kernels depend on alignment.
    /// </summary>
    public static torch.Tensor[] Leaves(ParameterVector parameters)
    {
        var tensors = new torch.Tensor[parameters.Layout.Entries.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = torch.empty(Shape(parameters.Layout.Entries[i]), dtype: torch.float32);
            MemoryMarshal.AsBytes(parameters[i]).CopyTo(tensors[i].bytes);
            tensors[i].requires_grad_();
        }

        return tensors;
    }

    /// <summary>As <see cref="Leaves(ParameterVector)"/>, of another dtype or on another device.</summary>
    public static torch.Tensor[] Leaves(ParameterVector parameters, torch.ScalarType dtype, torch.Device? device = null) =>
        dtype == torch.float32 && device is not { type: not DeviceType.CPU }
            ? Leaves(parameters)
            : [.. Leaves(parameters).Select(leaf => leaf.detach().to(dtype).to(device ?? torch.CPU).requires_grad_())];

    /// <summary>One float32 tensor of zeros per layout entry, in the caller's dispose scope.</summary>
    public static torch.Tensor[] Zeros(ParameterLayout layout, torch.Device device) =>
        [.. layout.Entries.Select(entry => torch.zeros(Shape(entry), dtype: torch.float32, device: device))];

    /// <summary>Adds tensors to sums, both in layout order.</summary>
    public static void Add(IReadOnlyList<torch.Tensor> sums, IReadOnlyList<torch.Tensor> added)
    {
        // Held until all is done: TorchSharp does not keep a scalar alive while libtorch reads it.
        using Scalar one = 1;
        for (int i = 0; i < sums.Count; i++)
        {
            sums[i].add_(added[i], one);
        }
    }

    /// <summary>Copies float32 tensors, in layout order, into one managed vector.</summary>
    public static ParameterVector ToVector(ParameterLayout layout, IReadOnlyList<torch.Tensor> tensors)
    {
        float[] values = new float[layout.Length];
        for (int i = 0; i < tensors.Count; i++)
        {
            MemoryMarshal.Cast<byte, float>(tensors[i].cpu().contiguous().bytes).CopyTo(values.AsSpan(layout.Offsets[i]));
        }

        return new ParameterVector(layout, values);
    }

    private static long[] Shape(ParameterEntry entry) => [.. entry.Shape.Select(size => (long)size)];
}
