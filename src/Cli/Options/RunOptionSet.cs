using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Help;
using MetaMap.Core.Files;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Options;

/// <summary>The options of a run on the command line; they take precedence over a configuration file and the defaults.</summary>
internal sealed class RunOptionSet
{
    private readonly List<(string Key, Option Option, Func<ParseResult, object?> Value)> _options = [];

    private readonly Option<string?> _config = new("--config")
    {
        HelpName = "FILE",
        Description = "JSON file with run options, as config.json of any run; options on the command line win.",
    };

    private readonly Option<bool> _supervised = new("--supervised")
    {
        Description = $"The same as --algorithm {RunOptions.SupervisedAlgorithm}: no few-shot episodes, minibatches of all classes.",
    };

    /// <summary>Adds options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isOffered">Which options, by flag; null for all.</param>
    /// <exception cref="ConfigurationException">A part of a plug-in has an option that the command itself has.</exception>
    public RunOptionSet(Command command, Func<string, bool>? isOffered = null)
    {
        foreach ((OptionInfo option, ImmutableArray<IPart> readers) in PartRegistry.Options.Where(pair => isOffered?.Invoke(pair.Option.Flag) != false))
        {
            if (command.Options.Any(own => own.Name == option.Flag || own.Aliases.Contains(option.Flag)))
            {
                throw new ConfigurationException($"{string.Join(", ", readers.Select(part => part.Name))} has an option {option.Flag}, but `metamap {command.Name}` has one, too; rename it in its plug-in.");
            }

            Option added = Add(option);
            added.Description = RunOptionHelp.Text(option, readers);
            if (PartRegistry.NamesOf(option.Key) is { IsEmpty: false } names)
            {
                added.HelpName = "NAME";
                added.CompletionSources.Add([.. names]);
            }

            command.Add(RunOptionHelp.GroupOf(option, readers), added);
        }

        if (isOffered?.Invoke("--algorithm") != false)
        {
            command.Add(OptionGroups.Algorithm, _supervised);
        }

        if (isOffered?.Invoke("--config") != false)
        {
            command.Add(OptionGroups.Run, _config);
        }
    }

    /// <summary>The options of a run that a coordinator, or a benchmark, trains: it does not measure the model at the end, as <c>train</c> does.</summary>
    public static bool OfClusters(string flag) => flag != "--eval-episodes";

    /// <summary>All options of the set.</summary>
    public IEnumerable<Option> All => _options.Select(option => option.Option).Append(_supervised).Append(_config);

    /// <summary>The options of this invocation.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stored">Options to start from (resume); null for the configuration file or the defaults.</param>
    /// <param name="forgetUnread">Drop stored options that no part named on the command line reads; given ones are refused.</param>
    /// <exception cref="ConfigurationException">The file is unreadable, a key is unknown, or a value is out of range.</exception>
    public RunOptions Read(ParseResult parsed, RunOptions? stored = null, bool forgetUnread = false)
    {
        if (stored is not null && parsed.GetValue(_config) is { } path)
        {
            throw new ConfigurationException($"--resume goes on with the options of its directory, so --config {path} would not be read; leave it out.");
        }

        (string Key, object? Value)[] given = OnCommandLine(parsed);
        OptionValues values = stored is null ? Given(parsed) : RunOptionsJson.Values(stored).With(given);
        RunOptions options = (forgetUnread ? values.WithoutUnread().With(given) : values).Resolve();
        return options.ValidationInterval > 0 || !given.Any(option => option.Key == "validation_episodes") ? options
            : throw new ConfigurationException("--validation-episodes says how long a measurement on the validation classes is, but none is taken; give --validation-interval, the meta-iterations between two, or leave it out.");
    }

    /// <summary>The options of a run that starts from given parameters: pixels are normalised as they were for these, unless this invocation says otherwise.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="start">The parameters; null for none.</param>
    /// <returns>The options, and one line about pixels; null where there is nothing to say.</returns>
    /// <exception cref="ConfigurationException">The file is unreadable, a key is unknown, or a value is out of range.</exception>
    public (RunOptions Options, string? Notice) Read(ParseResult parsed, StartingPoint? start)
    {
        RunOptions options = Read(parsed);
        if (start is null)
        {
            return (options, null);
        }

        OptionValues given = Given(parsed);
        options = given[RunOptions.InitKey] is null ? options.With((RunOptions.InitKey, start.Sha256)) : options;
        if ((options.Find<ImageOptions>(), start.Model?.Options.Find<ImageOptions>()) is not ({ } here, { } there) || (here.PixelMean, here.PixelStd) == (there.PixelMean, there.PixelStd))
        {
            return (options, null);
        }

        string theirs = string.Create(CultureInfo.InvariantCulture, $"(x - {there.PixelMean}) / {there.PixelStd}");
        return given["pixel_mean"] is null && given["pixel_std"] is null
            ? (options.With(("pixel_mean", there.PixelMean), ("pixel_std", there.PixelStd)), $"pixels are given as {theirs}, as to the model that the run starts from")
            : (options, $"the model that the run starts from was given pixels as {theirs}, this run has another --pixel-mean or --pixel-std");
    }

    /// <summary>The options that this invocation gives, by its configuration file or on its command line, and no others.</summary>
    /// <exception cref="ConfigurationException">The file is unreadable, or a key is unknown.</exception>
    public OptionValues Given(ParseResult parsed) => ReadConfig(parsed.GetValue(_config)).With(OnCommandLine(parsed));

    private (string Key, object? Value)[] OnCommandLine(ParseResult parsed)
    {
        (string Key, object? Value)[] given = [.. _options.Where(option => parsed.GetResult(option.Option) is { Implicit: false }).Select(option => (option.Key, option.Value(parsed)))];
        return !parsed.GetValue(_supervised) ? given
            : given.FirstOrDefault(option => option.Key == "algorithm").Value is { } other and not RunOptions.SupervisedAlgorithm
            ? throw new ConfigurationException($"--supervised means --algorithm {RunOptions.SupervisedAlgorithm}, but --algorithm is {other}; leave one of them out.")
            : [.. given, ("algorithm", RunOptions.SupervisedAlgorithm)];
    }

    private static OptionValues ReadConfig(string? path)
    {
        if (path is null)
        {
            return OptionValues.None;
        }

        try
        {
            return RunOptionsJson.ReadOpen(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration file {path} cannot be read: {PathProblem.Reading(path, error)}", error);
        }
    }

    private Option Add(OptionInfo option) => option.ValueType switch
    {
        var type when type == typeof(int) => Add<int>(option),
        var type when type == typeof(long) => Add<long>(option),
        var type when type == typeof(double) => Add<double>(option),
        var type when type == typeof(bool) => Add<bool>(option),
        _ => Add<string>(option),
    };

    private Option<T> Add<T>(OptionInfo info)
        where T : notnull
    {
        Option<T> option = new(info.Flag);
        (option as Option<double>)?.ReadStrictly();
        _options.Add((info.Key, option, parsed => parsed.GetValue(option)));
        return option;
    }
}
