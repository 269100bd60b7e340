using Akka.Configuration;
using Akka.Dispatch;

namespace MetaMap.Shared.Dispatchers;

/// <summary>
/// Threads of a dispatcher that sleep while there is nothing to do. Those of Akka's <c>fork-join-executor</c> spin before they sleep, on
/// the cores that lanes compute on.
/// </summary>
internal sealed class SleepingThreads : ExecutorService
{
    private readonly object _lock = new();
    private readonly Queue<IRunnable> _work = new();
    private bool _isOver;

    /// <summary>The <c>executor</c> of a dispatcher that has such threads.</summary>
    public static string ConfiguratorName { get; } = $"{typeof(Configurator).FullName}, {typeof(Configurator).Assembly.GetName().Name}";

    private SleepingThreads(string id, int count)
        : base(id)
    {
        for (int i = 1; i <= count; i++)
        {
            new Thread(Live) { Name = $"{id} {i}", IsBackground = true }.Start();
        }
    }

    /// <inheritdoc />
    public override void Execute(IRunnable run)
    {
        lock (_lock)
        {
            _work.Enqueue(run);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Ends the threads after what waits.</summary>
    public override void Shutdown()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Live()
    {
        while (Next() is { } run)
        {
            try
            {
                run.Run();
            }
#pragma warning disable CA1031 // What an actor throws is its supervisor's; whatever comes through must not end the node.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Console.Error.WriteLine($"metamap: {Thread.CurrentThread.Name}: {error.GetType().Name}: {error.Message}");
            }
        }
    }

    private IRunnable? Next()
    {
        lock (_lock)
        {
            while (_work.Count == 0)
            {
                if (_isOver)
                {
                    return null;
                }

                Monitor.Wait(_lock);
            }

            return _work.Dequeue();
        }
    }

    /// <summary>
    /// Makes them for a dispatcher whose <c>executor</c> this is, as many as its <c>sleeping-threads</c> say: <c>of-cores</c>, times the
    /// cores, but from <c>least</c> to <c>most</c>.
    /// </summary>
    /// <param name="config">The dispatcher's configuration.</param>
    /// <param name="prerequisites">From Akka.</param>
    internal sealed class Configurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
    {
        private readonly Config _threads = config.GetConfig("sleeping-threads");

        /// <inheritdoc />
        public override ExecutorService Produce(string id) => new SleepingThreads(id, Math.Clamp(
            (int)Math.Ceiling(Environment.ProcessorCount * _threads.GetDouble("of-cores")), _threads.GetInt("least"), _threads.GetInt("most")));
    }
}
