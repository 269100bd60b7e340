using System.Collections.Immutable;

namespace MetaMap.Core.Options;

/// <summary>The parts of one kind that options can name. Grows at start-up only; safe for many threads.</summary>
/// <typeparam name="T">The kind of part.</typeparam>
/// <param name="kind">The kind as messages name it, e.g. <c>model</c>.</param>
/// <param name="parts">The parts that are registered from the start.</param>
public sealed class Registry<T>(string kind, params ImmutableArray<T> parts)
    where T : IPart
{
    private ImmutableArray<T> _parts = parts;

    /// <summary>All parts, in the order in which they were added.</summary>
    public ImmutableArray<T> All => _parts;

    /// <summary>All names, in the same order.</summary>
    public ImmutableArray<string> Names => [.. All.Select(part => part.Name)];

    /// <summary>The part with a name.</summary>
    /// <exception cref="ConfigurationException">There is no part with that name.</exception>
    public T this[string name] => All.FirstOrDefault(part => part.Name == name)
        ?? throw new ConfigurationException($"There is no {kind} '{name}'; choose one of {string.Join(", ", Names)}.{Spelling.Question(name, Names)}");

    /// <summary>Adds a part.</summary>
    /// <exception cref="ConfigurationException">The name is taken.</exception>
    public void Add(T part)
    {
        if (!ImmutableInterlocked.Update(ref _parts, (parts, added) => parts.Any(known => known.Name == added.Name) ? parts : parts.Add(added), part))
        {
            throw new ConfigurationException($"There are two {kind}s with the name '{part.Name}'; rename that of the plug-in.");
        }
    }
}
