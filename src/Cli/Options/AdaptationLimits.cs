using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Help;
using MetaMap.Coordinator;
using MetaMap.Core;
using MetaMap.Worker;

namespace MetaMap.Cli.Options;

/// <summary>What clients may use of a node that adapts for them: <c>--adaptations-per-minute</c> and <c>--session-hours</c>.</summary>
internal sealed class AdaptationLimits
{
    private const int MostHours = 24 * 365;

    private static readonly CoordinatorSettings _defaults = new() { Node = null! };

    private readonly Option<int> _adaptations = new("--adaptations-per-minute")
    {
        Description = "Requests of one HTTP client a minute that make workers adapt (sessions, evaluations), in the long run.", DefaultValueFactory = _ => _defaults.AdaptationsPerMinute,
    };

    private readonly Option<int> _hours = new("--session-hours")
    {
        HelpName = "HOURS",
        Description = "Hours for which a session, that is a model adapted to a client's examples, can be used.", DefaultValueFactory = _ => (int)_defaults.SessionLifetime.TotalHours,
    };

    /// <summary>Adds the options to a command.</summary>
    public AdaptationLimits(Command command)
    {
        command.Add(OptionGroups.Http, _adaptations, _hours);
        _adaptations.CheckAtLeast(1, "--adaptations-per-minute must be 1 or more.");
        _hours.Check(hours =>
        {
            if (hours is < 1 or > MostHours)
            {
                throw new ConfigurationException($"--session-hours is {hours}, but it must be 1 to {MostHours}.");
            }
        });
    }

    /// <summary>Requests a minute.</summary>
    public int AdaptationsPerMinute(ParseResult parsed) => parsed.GetValue(_adaptations);

    /// <summary>How long a session can be used.</summary>
    public TimeSpan Lifetime(ParseResult parsed) => TimeSpan.FromHours(parsed.GetValue(_hours));

    /// <summary><c>--session-share</c> of a worker.</summary>
    public static Option<double> Share()
    {
        Option<double> share = new("--session-share")
        {
            Description = "Share of the lanes that adaptations for clients may take while the worker trains, 0.01 to 1.", DefaultValueFactory = _ => new WorkerSettings { Node = null! }.SessionShare,
        };
        return share.ReadStrictly().Check(value =>
        {
            if (value is not (>= 0.01 and <= 1))
            {
                throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--session-share is {value}, but it must be 0.01 to 1."));
            }
        });
    }
}
