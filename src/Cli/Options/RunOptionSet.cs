using System.CommandLine;
using MetaMap.Core;
using MetaMap.Core.Configuration;

namespace MetaMap.Cli.Options;

/// <summary>The options of a run on the command line, laid over a configuration file or the defaults.</summary>
internal sealed class RunOptionSet
{
    private static readonly RunOptions _defaults = new();

    private readonly List<Func<ParseResult, RunOptions, RunOptions>> _overlays = [];

    private readonly Option<string?> _config = new("--config")
    {
        Description = "JSON file with run options, as config.json of any run; options on the command line win.",
    };

    /// <summary>Adds every option to a command.</summary>
    public RunOptionSet(Command command)
    {
        Add<string>(command, "--dataset", $"Dataset: glyphs or omniglot. Default {_defaults.Dataset}.", (o, v) => o with { Dataset = v });
        Add<string>(command, "--split", $"Class split: seeded or official. Default {_defaults.Split}.", (o, v) => o with { Split = v });
        Add<int>(command, "--ways", $"Classes per episode. Default {_defaults.Ways}.", (o, v) => o with { Ways = v });
        Add<int>(command, "--shots", $"Support examples per class. Default {_defaults.Shots}.", (o, v) => o with { Shots = v });
        Add<int>(command, "--queries", $"Query examples per class. Default {_defaults.Queries}.", (o, v) => o with { Queries = v });
        Add<string>(command, "--algorithm", $"Meta-algorithm: maml or fomaml. Default {_defaults.Algorithm}.", (o, v) => o with { Algorithm = v });
        Add<string>(command, "--model", $"Network: conv4-stride, conv4 or cnn. Default {_defaults.Model}.", (o, v) => o with { Model = v });
        Add<int>(command, "--filters", $"Filters per convolution of the conv4 models. Default {_defaults.Filters}.", (o, v) => o with { Filters = v });
        Add<double>(command, "--inner-lr", $"Inner-loop learning rate. Default {_defaults.InnerLr}.", (o, v) => o with { InnerLr = v });
        Add<int>(command, "--inner-steps", $"Inner-loop steps in training. Default {_defaults.InnerSteps}.", (o, v) => o with { InnerSteps = v });
        Add<int>(command, "--eval-inner-steps", $"Inner-loop steps in evaluation. Default {_defaults.EvalInnerSteps}.", (o, v) => o with { EvalInnerSteps = v });
        Add<double>(command, "--meta-lr", $"Outer-loop learning rate. Default {_defaults.MetaLr}.", (o, v) => o with { MetaLr = v });
        Add<double>(command, "--meta-lr-final", "Outer-loop learning rate at the last iteration, reached along a cosine. Default: constant.", (o, v) => o with { MetaLrFinal = v });
        Add<string>(command, "--meta-optimizer", $"Outer-loop optimiser: adam or sgd. Default {_defaults.MetaOptimizer}.", (o, v) => o with { MetaOptimizer = v });
        Add<int>(command, "--meta-batch", $"Episodes per meta-iteration. Default {_defaults.MetaBatch}.", (o, v) => o with { MetaBatch = v });
        Add<int>(command, "--block", $"Episodes per block, the unit of work; part of the result's bits. Default {_defaults.Block}.", (o, v) => o with { Block = v });
        Add<int>(command, "--iterations", $"Meta-iterations. Default {_defaults.Iterations}.", (o, v) => o with { Iterations = v });
        Add<long>(command, "--seed", $"Seed of split, first parameters and episodes. Default {_defaults.Seed}.", (o, v) => o with { Seed = v });
        Add<int>(command, "--eval-episodes", $"Test episodes at the end. Default {_defaults.EvalEpisodes}.", (o, v) => o with { EvalEpisodes = v });
        command.Add(_config);
    }

    /// <summary>The options of this call.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stored">Options to go on from (resume); null for the configuration file or the defaults.</param>
    /// <exception cref="ConfigurationException">An unreadable file, an unknown key, or a value out of range.</exception>
    public RunOptions Read(ParseResult parsed, RunOptions? stored = null)
    {
        if (stored is not null && parsed.GetValue(_config) is { } path)
        {
            throw new ConfigurationException($"--resume goes on with the options of its directory, so --config {path} would not be read; leave it out.");
        }

        RunOptions options = _overlays.Aggregate(stored ?? ReadConfig(parsed.GetValue(_config)), (current, overlay) => overlay(parsed, current));
        options.Validate();
        return options;
    }

    private static RunOptions ReadConfig(string? path)
    {
        if (path is null)
        {
            return _defaults;
        }

        try
        {
            return RunOptionsJson.Read(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration file {path} cannot be read: {error.Message}", error);
        }
    }

    private void Add<T>(Command command, string name, string description, Func<RunOptions, T, RunOptions> apply)
        where T : notnull
    {
        Option<T> option = new(name) { Description = description };
        command.Add(option);
        _overlays.Add((parsed, options) => parsed.GetResult(option) is { Implicit: false } ? apply(options, parsed.GetValue(option)!) : options);
    }
}
