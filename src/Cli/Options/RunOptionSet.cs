using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Configuration;

namespace MetaMap.Cli.Options;

/// <summary>The options of a run on the command line, laid over a configuration file or the defaults.</summary>
internal sealed class RunOptionSet
{
    private readonly List<Func<ParseResult, RunOptions, RunOptions>> _overlays = [];

    private readonly Option<string?> _config = new("--config")
    {
        Description = "JSON file with run options, as config.json of any run; options on the command line win.",
    };

    /// <summary>Adds options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isOffered">Which options; null for all.</param>
    public RunOptionSet(Command command, Func<string, bool>? isOffered = null)
    {
        foreach ((string property, string text) in RunOptionTexts.All)
        {
            PropertyInfo target = typeof(RunOptions).GetProperty(property)!;
            string name = "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property);
            if (isOffered is null || isOffered(name))
            {
                Add(command, target, name, text);
            }
        }

        if (isOffered is null || isOffered("--config"))
        {
            command.Add(_config);
        }
    }

    /// <summary>The options of this call.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stored">Options to go on from (resume); null for the configuration file or the defaults.</param>
    /// <param name="forgetUnread">Drop stored options that a part named on the command line does not read; given ones are refused.</param>
    /// <exception cref="ConfigurationException">An unreadable file, an unknown key, or a value out of range.</exception>
    public RunOptions Read(ParseResult parsed, RunOptions? stored = null, bool forgetUnread = false)
    {
        if (stored is not null && parsed.GetValue(_config) is { } path)
        {
            throw new ConfigurationException($"--resume goes on with the options of its directory, so --config {path} would not be read; leave it out.");
        }

        RunOptions given = Given(parsed, stored ?? ReadConfig(parsed.GetValue(_config)));
        return (forgetUnread ? Given(parsed, given.WithoutUnread()) : given).Resolve();
    }

    private RunOptions Given(ParseResult parsed, RunOptions options) => _overlays.Aggregate(options, (current, overlay) => overlay(parsed, current));

    private static RunOptions ReadConfig(string? path)
    {
        if (path is null)
        {
            return new RunOptions();
        }

        try
        {
            return RunOptionsJson.ReadOpen(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration file {path} cannot be read: {error.Message}", error);
        }
    }

    private void Add(Command command, PropertyInfo target, string name, string text)
    {
        Type type = Nullable.GetUnderlyingType(target.PropertyType) ?? target.PropertyType;
        if (type == typeof(int))
        {
            Add<int>(command, target, name, text);
        }
        else if (type == typeof(long))
        {
            Add<long>(command, target, name, text);
        }
        else if (type == typeof(double))
        {
            Add<double>(command, target, name, text);
        }
        else if (type == typeof(bool))
        {
            Add<bool>(command, target, name, text);
        }
        else
        {
            Add<string>(command, target, name, text);
        }
    }

    private void Add<T>(Command command, PropertyInfo target, string name, string text)
        where T : notnull
    {
        Option<T> option = new(name) { Description = text };
        command.Add(option);
        _overlays.Add((parsed, options) =>
        {
            if (parsed.GetResult(option) is not { Implicit: false })
            {
                return options;
            }

            RunOptions changed = options with { };
            target.SetValue(changed, parsed.GetValue(option));
            return changed;
        });
    }
}
