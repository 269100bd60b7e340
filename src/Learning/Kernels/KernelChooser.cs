using System.Collections.Concurrent;
using System.Collections.Immutable;
using MetaMap.Learning.Native;

namespace MetaMap.Learning.Kernels;

/// <summary>The way of computing convolutions that was found correct for some shapes.</summary>
/// <param name="Convolution">The way.</param>
/// <param name="Faults">Why faster ways were rejected; empty when it is the fastest.</param>
public sealed record KernelChoice(Convolution Convolution, ImmutableArray<KernelFault> Faults)
{
    /// <summary>One line for messages and records, e.g. <c>direct</c>, or <c>products (direct is wrong here: …)</c>.</summary>
    public string Description => Faults.IsEmpty
        ? Convolution.Name : $"{Convolution.Name} ({string.Join("; ", Faults.Select(fault => $"{fault.Way} is wrong here: {fault}"))})";

    /// <summary>Whether it was chosen for a network that has convolutions.</summary>
    public bool IsUsed { get; init; }

    /// <summary>The shapes that it was found correct for.</summary>
    internal ImmutableArray<ConvolutionShape> Shapes { get; init; } = [];

    /// <summary>Checks again, regardless of earlier results: for when a result is not finite.</summary>
    /// <exception cref="KernelException">The convolutions have become wrong.</exception>
    internal void Verify()
    {
        if (KernelCheck.Find(Convolution, Shapes) is { } fault)
        {
            throw new KernelException($"convolutions ({Convolution.Name}) passed their check at the start and are wrong now: {fault}; this machine computes unreliably");
        }
    }
}

/// <summary>
/// Chooses how a process computes: the first way whose convolutions are correct here, for shapes that every process checks
/// and for those that a network asks for. On equal processors the choice is the same, and so are the bits. Safe for many threads.
/// </summary>
public sealed class KernelChooser
{
    private readonly ImmutableArray<Convolution> _ways;
    private readonly KernelCache? _cache;
    private readonly ConcurrentDictionary<string, Lazy<KernelChoice>> _choices = new(StringComparer.Ordinal);
    private readonly Lazy<KernelChooser> _ofProducts;
    private int _noticed;

    /// <summary>Creates a chooser that keeps nothing between processes.</summary>
    /// <param name="ways">At least one, the fastest first.</param>
    public KernelChooser(params ImmutableArray<Convolution> ways) : this(ways, null) { }

    internal KernelChooser(ImmutableArray<Convolution> ways, KernelCache? cache)
    {
        (_ways, _cache) = (ways, cache);
        _ofProducts = new(() => ways.Length > 1 && ways.Contains(Convolution.Products) ? new([Convolution.Products], cache) : this);
    }


    /// <summary>The same with matrix products alone: for networks that are computed layer by layer with them.</summary>
    internal KernelChooser OfProducts => _ofProducts.Value;

    /// <summary>The ways of this build, with earlier results on this machine.</summary>
    public static KernelChooser OfThisMachine { get; } = new([Convolution.Direct, Convolution.Products], KernelCache.OfThisMachine());

    /// <summary>Called once, with one line of text, when a network has convolutions and they are not computed in the fastest way; <see cref="KernelChoice.Description"/> says why.</summary>
    public Action<string> Notice { get; set; } = _ => { };

    /// <summary>The first way that computes the fixed convolutions correctly.</summary>
    /// <exception cref="KernelException">No way does.</exception>
    public KernelChoice Choose() => Choose("", () => []);

    /// <summary>The first way that computes these convolutions and the fixed ones correctly; determined once per key.</summary>
    internal KernelChoice Choose(string key, Func<IEnumerable<ConvolutionShape>> shapes)
    {
        TorchRuntime.Initialize();
        TorchRuntime.UseOneThread();
        KernelChoice choice = _choices.GetOrAdd(key, _ => new(() =>
        {
            ConvolutionShape[] own = [.. shapes()];
            return Find([.. KernelCheck.FixedShapes.Concat(own).Distinct()]) with { IsUsed = own.Length > 0 };
        })).Value;
        if (choice.IsUsed && !choice.Faults.IsEmpty && Interlocked.Exchange(ref _noticed, 1) == 0)
        {
            Notice($"MetaMap has checked this processor: a faster way of computing convolutions is faulty on it, so another one is used ({choice.Convolution.Name}). Results are right, and there is nothing to do.");
        }

        return choice;
    }

    private KernelChoice Find(ImmutableArray<ConvolutionShape> shapes)
    {
        if (_cache?.Find(_ways, shapes) is { } known)
        {
            return known with { Shapes = shapes };
        }

        var faults = ImmutableArray.CreateBuilder<KernelFault>();
        foreach (Convolution way in _ways)
        {
            if (KernelCheck.Find(way, shapes) is not { } fault)
            {
                var choice = new KernelChoice(way, faults.ToImmutable()) { Shapes = shapes };
                _cache?.Store(choice, _ways, shapes);
                return choice;
            }

            faults.Add(fault);
        }

        throw new KernelException(
            $"No way of computing convolutions is right on this processor ({string.Join("; ", faults.Select(fault => $"{fault.Way}: {fault}"))}); compute on another machine, or with another build of libtorch.");
    }
}
