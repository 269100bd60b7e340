using System.Collections.Immutable;
using System.CommandLine;
using MetaMap.Core;

namespace MetaMap.Cli.Configuration;

/// <summary>What a file or the environment gives an option.</summary>
/// <param name="Command">The command that it is for.</param>
/// <param name="Option">One of its options.</param>
/// <param name="Values">One value, or several of an option that takes a list.</param>
/// <param name="Source">Where they stand: a variable, or a file and the key in it.</param>
internal sealed record ConfiguredValue(Command Command, Option Option, ImmutableArray<string> Values, string Source)
{
    /// <summary>The same on a command line; nothing for a switch that is off.</summary>
    /// <exception cref="ConfigurationException">A switch is neither on nor off.</exception>
    public IEnumerable<string> Arguments => Option.ValueType != typeof(bool) ? Values.Select(value => $"{Option.Name}={value}")
        : bool.TryParse(Values[0], out bool isOn) ? isOn ? [Option.Name] : [] : throw new ConfigurationException($"{Source} is '{Values[0]}', but it must be true or false.");
}
