using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core;
using MetaMap.Learning.Native;
using TorchSharp;

namespace MetaMap.Learning.Devices;

/// <summary>Where a lane computes: the processor, or one GPU.</summary>
/// <param name="Name">As it is asked for: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Description">For people: name, memory and driver of a GPU.</param>
public sealed record ComputeDevice(string Name, string Description)
{
    private const string Auto = "auto";
    private const string CudaName = "cuda";

    /// <summary>The processor; its lanes are threads, as many as there are cores.</summary>
    public static ComputeDevice Cpu { get; } = new("cpu", "cpu");

    /// <summary>Whether the episodes of a block are computed side by side here; on the processor they follow one another.</summary>
    public bool IsSideBySide { get; init; }

    internal torch.Device Torch => torch.device(Name);

    /// <summary>Memory of a GPU; null for the processor, and where it is not known.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Memory of a GPU that is in use by all processes; null for the processor.</summary>
    public long? UsedMemoryBytes => Name.StartsWith(CudaName + ":", StringComparison.Ordinal) ? CudaDriver.UsedMemoryBytes(Indices(Name)[0]) : null;

    /// <summary>Reads what devices are asked for, and finds them.</summary>
    /// <param name="text"><c>auto</c> (GPUs where libtorch has any, else the processor), <c>cpu</c>, <c>cuda</c> (all GPUs) or <c>cuda:0,1</c>.</param>
    /// <returns>The processor alone, or GPUs.</returns>
    /// <exception cref="ConfigurationException">Not of that form, or not there; says what is.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static ImmutableArray<ComputeDevice> Find(string text) => Find(text, () => CudaDevices.Here);

    /// <summary>As <see cref="Find(string)"/>, among given GPUs.</summary>
    internal static ImmutableArray<ComputeDevice> Find(string text, Func<CudaDevices> gpus)
    {
        if (text == Cpu.Name)
        {
            return [Cpu];
        }

        if (text != Auto && text != CudaName && !text.StartsWith(CudaName + ":", StringComparison.Ordinal))
        {
            throw new ConfigurationException($"--device is '{text}', but it must be auto, cpu, cuda, or cuda: and indices of GPUs, as in cuda:0,1.");
        }

        // Checked before anything is loaded.
        ImmutableArray<int> wanted = text.StartsWith(CudaName + ":", StringComparison.Ordinal) ? Indices(text) : [];
        CudaDevices here = gpus();
        if (here.Descriptions.IsEmpty)
        {
            return text == Auto ? [Cpu] : throw new ConfigurationException($"--device is {text}, but {here.WhyNone}.");
        }

        foreach (int index in wanted.Where(index => index >= here.Descriptions.Length))
        {
            throw new ConfigurationException($"--device names GPU {index}, but there {(here.Descriptions.Length == 1 ? "is 1, GPU 0" : $"are {here.Descriptions.Length}, GPU 0 to {here.Descriptions.Length - 1}")}.");
        }

        return
        [
            .. (wanted.IsEmpty ? Enumerable.Range(0, here.Descriptions.Length) : wanted).Select(
                index => new ComputeDevice($"{CudaName}:{index}", $"{CudaName}:{index} {here.Descriptions[index]}") { IsSideBySide = true, MemoryBytes = CudaDriver.MemoryBytes(index) }),
        ];
    }

    private static ImmutableArray<int> Indices(string text)
    {
        string[] words = text[(CudaName.Length + 1)..].Split(',');
        int[] indices = [.. words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : -1)];
        return indices.Contains(-1) || indices.Distinct().Count() < indices.Length
            ? throw new ConfigurationException($"--device is '{text}', but cuda: must be followed by different indices of GPUs, as in cuda:0,1.")
            : [.. indices];
    }
}
