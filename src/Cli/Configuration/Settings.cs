using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Core;
using MetaMap.Core.Files;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace MetaMap.Cli.Configuration;

/// <summary>
/// Reads options of commands from a file of JSON with comments and, above it, from the environment: <c>{"coordinator": {"httpPort": 9090}}</c>, or
/// <c>METAMAP__Coordinator__HttpPort=9090</c>, is <c>metamap coordinator --http-port 9090</c>. Case and dashes do not count; what is empty is not set.
/// </summary>
internal static class Settings
{
    /// <summary>All that is set, in the order of the keys.</summary>
    /// <param name="root">The whole command.</param>
    /// <param name="file">The file; null for none.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or a key means no option.</exception>
    public static ImmutableArray<ConfiguredValue> Read(Command root, string? file)
    {
        IConfigurationRoot read = Load(file);
        Dictionary<string, (Command Command, Option Option)> known = OptionsBelow(root, []).ToDictionary(option => option.Key, option => (option.Command, option.Option));
        return
        [
            .. read.AsEnumerable().Where(entry => !string.IsNullOrWhiteSpace(entry.Value)).GroupBy(entry => WithoutIndex(entry.Key), StringComparer.OrdinalIgnoreCase)
                .OrderBy(key => key.Key, StringComparer.OrdinalIgnoreCase)
                .Select(key => known.TryGetValue(Plain(key.Key), out (Command Command, Option Option) option)
                    ? new ConfiguredValue(option.Command, option.Option, [.. key.OrderBy(entry => entry.Key, ConfigurationKeyComparer.Instance).Select(entry => entry.Value!)], SourceOf(read, key.First().Key, key.Key, file))
                    : throw new ConfigurationException($"{SourceOf(read, key.First().Key, key.Key, file)} sets nothing: {Unknown(root, key.Key)}")),
        ];
    }

    private static IConfigurationRoot Load(string? file)
    {
        ConfigurationBuilder builder = new();
        try
        {
            if (file is not null)
            {
                // Read here, so that whatever is wrong with the file is said as of any other.
                MemoryStream text = new(File.ReadAllBytes(file));
                builder.AddJsonStream(text);
            }

            return builder.AddEnvironmentVariables(SettingVariables.Prefix).Build();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The settings cannot be read: {PathProblem.Reading(file!, error)}", error);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or JsonException)
        {
            throw new ConfigurationException($"The settings {file} cannot be read: {error.GetBaseException().Message.TrimEnd('.')}. They are one JSON object of commands, each an object of its options.", error);
        }
    }

    private static IEnumerable<(string Key, Command Command, Option Option)> OptionsBelow(Command command, string[] path) =>
        command.Options.Where(option => !option.Hidden && option.Action is null).Select(option => (Plain(string.Join(':', [.. path, option.Name])), command, option))
            .Concat(command.Subcommands.SelectMany(below => OptionsBelow(below, [.. path, below.Name])));

    // The names of both are kept in one way of writing, that of the last.
    private static string SourceOf(IConfigurationRoot read, string entry, string key, string? file) =>
        read.Providers.Last(provider => provider.TryGet(entry, out _)) is JsonStreamConfigurationProvider ? $"{file}: {string.Join('.', key.Split(':').Select(Camel))}"
            : Environment.GetEnvironmentVariables().Keys.Cast<string>().First(name => name.Equals(SettingVariables.Prefix + entry.Replace(":", "__", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));

    private static string Camel(string name) => string.Concat(Words(name).Split('-').Select((word, i) => i == 0 ? word : word[..Math.Min(1, word.Length)].ToUpperInvariant() + word[Math.Min(1, word.Length)..]));

    // As the parser would say of the same words on a command line.
    private static string Unknown(Command root, string key)
    {
        string[] words = [.. key.Split(':').Select(Words)];
        Command command = root;
        int depth = 0;
        while (depth < words.Length - 1 && command.Subcommands.FirstOrDefault(below => Plain(below.Name) == Plain(words[depth])) is { } below)
        {
            (command, depth) = (below, depth + 1);
        }

        string[] path = [.. words.Take(depth)];
        return UsageError.Explain(root.Parse(depth < words.Length - 1 || path.Length == 0 ? [.. path, words[depth]] : [.. path, $"--{words[depth]}"]))
            ?? "its keys are those of commands and their options.";
    }

    // Name: httpPort, HttpPort and http-port are http-port.
    private static string Words(string name) => string.Concat(name.TrimStart('-').Select((letter, i) =>
        char.IsUpper(letter) && i > 0 && char.IsLower(name[i - 1]) ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}")).Replace('_', '-');

    private static string Plain(string key) => key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string WithoutIndex(string key) => key.LastIndexOf(':') is var colon and > 0 && key[(colon + 1)..].All(char.IsAsciiDigit) ? key[..colon] : key;
}
