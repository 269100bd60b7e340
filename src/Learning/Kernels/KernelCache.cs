using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MetaMap.Core.Files;
using MetaMap.Data.Cache;
using MetaMap.Learning.Native;
using TorchSharp;

namespace MetaMap.Learning.Kernels;

/// <summary>
/// Keeps the results of kernel checks between processes: one small file per processor, libtorch, settings and shapes. If a
/// file cannot be read or written, the check is repeated, nothing worse.
/// </summary>
/// <param name="folders">Where to look, and to store (in the first writable one).</param>
/// <param name="identity">Everything else that a result depends on; asked for with the first result, once libtorch is loaded.</param>
internal sealed class KernelCache(IReadOnlyList<string> folders, Lazy<string> identity)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The cache of this user on this machine.</summary>
    public static KernelCache OfThisMachine() => new(CacheFolders.OfUser(), new(() => string.Join('\n',
        "check 1", Processor(), typeof(torch).Assembly.FullName, TorchRuntime.Libtorch.Identity, RuntimeInformation.RuntimeIdentifier, Settings())));

    /// <summary>The result of an earlier process; null when there is none.</summary>
    /// <param name="ways">The ways to choose from.</param>
    /// <param name="shapes">The shapes that must be computed correctly.</param>
    public KernelChoice? Find(ImmutableArray<Convolution> ways, ImmutableArray<ConvolutionShape> shapes)
    {
        foreach (string path in folders.Select(folder => Path.Combine(folder, FileName(ways, shapes))).Where(File.Exists))
        {
            try
            {
                Entry? entry = JsonSerializer.Deserialize<Entry>(File.ReadAllBytes(path), _json);
                if (entry is { Faults: { } faults } && entry.Identity == identity.Value && ways.FirstOrDefault(way => way.Name == entry.Way) is { } way)
                {
                    return new KernelChoice(way, [.. faults]);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
            {
                // Damaged or not readable: as if it did not exist.
            }
        }

        return null;
    }

    /// <summary>Stores a choice.</summary>
    public void Store(KernelChoice choice, ImmutableArray<Convolution> ways, ImmutableArray<ConvolutionShape> shapes)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new Entry(identity.Value, choice.Convolution.Name, [.. choice.Faults]), _json);
        foreach (string folder in folders)
        {
            try
            {
                Directory.CreateDirectory(folder);
                DurableFile.Write(Path.Combine(folder, FileName(ways, shapes)), content);
                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Try the next folder, if there is one.
            }
        }
    }

    private string FileName(ImmutableArray<Convolution> ways, ImmutableArray<ConvolutionShape> shapes)
    {
        string question = $"{identity.Value}\n{string.Join(' ', ways.Select(way => way.Name))}\n{string.Join('\n', shapes)}";
        return $"kernels-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(question)).AsSpan(0, 16))}.json";
    }

    /// <summary>Model and features of the processor, by which a library can choose its kernels.</summary>
    private static string Processor()
    {
        if (!X86Base.IsSupported)
        {
            return $"{RuntimeInformation.ProcessArchitecture}";
        }

        // Without the number of this core (leaf 1, EBX).
        (int eax, _, int ecx, int edx) = X86Base.CpuId(1, 0);
        return string.Join(' ', new[] { X86Base.CpuId(0, 0), (eax, 0, ecx, edx), X86Base.CpuId(7, 0), X86Base.CpuId(7, 1), X86Base.CpuId(4, 0), X86Base.CpuId(4, 2) }
            .Select(leaf => $"{leaf.Item1:x8}{leaf.Item2:x8}{leaf.Item3:x8}{leaf.Item4:x8}"));
    }

    /// <summary>Environment variables that change kernels, or the memory that they see.</summary>
    private static string Settings()
    {
        string[] prefixes = ["ONEDNN_", "DNNL_", "MKL_", "ATEN_", "OMP_", "KMP_", "MALLOC_"];
        return string.Join(' ', Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(entry => prefixes.Any(((string)entry.Key).StartsWith))
            .Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal));
    }

    private sealed record Entry(string? Identity, string? Way, KernelFault[]? Faults);
}
