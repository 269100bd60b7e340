using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using MetaMap.Shared.Dispatchers;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Dispatchers;

public sealed class SleepingThreadsTests
{
    /// <summary>Every message is handled once and in order, by no more threads than were asked for, and they end with the system.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Dispatcher_ManyActors_HandlesAllInOrderAndEnds(int threads)
    {
        ConcurrentDictionary<Thread, bool> seen = [];
        ActorSystem system = ActorSystem.Create("sleeping", ConfigurationFactory.ParseString($$"""
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            sleeping { type = Dispatcher, executor = "{{SleepingThreads.ConfiguratorName}}", sleeping-threads { of-cores = 100, least = 1, most = {{threads}} } }
            """));
        IActorRef[] actors = [.. Enumerable.Range(0, 20).Select(_ => system.ActorOf(Props.Create(() => new Counter(seen)).WithDispatcher("sleeping")))];
        for (int i = 0; i < 1000; i++)
        {
            Array.ForEach(actors, actor => actor.Tell(i));
        }

        foreach (IActorRef actor in actors)
        {
            Assert.Equal(1000, await actor.Ask<int>("count", TestTime.Limit));
        }

        Assert.InRange(seen.Count, 1, threads);
        await system.Terminate().WaitAsync(TestTime.Limit);
        Assert.All(seen.Keys, thread => Assert.True(thread.Join(TestTime.Limit)));
    }

    [Fact]
    public async Task Execute_WhatThrows_IsFollowedByTheNext()
    {
        ActorSystem system = ActorSystem.Create("throwing", ConfigurationFactory.ParseString($$"""
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            sleeping { type = Dispatcher, executor = "{{SleepingThreads.ConfiguratorName}}", sleeping-threads { of-cores = 1, least = 1, most = 1 } }
            """));
        MessageDispatcher dispatcher = system.Dispatchers.Lookup("sleeping");
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.Schedule(() => throw new InvalidOperationException("it was to fail"));
        dispatcher.Schedule(done.SetResult);
        await done.Task.WaitAsync(TestTime.Limit);
        await system.Terminate().WaitAsync(TestTime.Limit);
    }

    private sealed class Counter : ReceiveActor
    {
        public Counter(ConcurrentDictionary<Thread, bool> seen)
        {
            int next = 0;
            Receive<int>(number =>
            {
                seen[Thread.CurrentThread] = true;
                next = number == next ? next + 1 : -1;
            });
            Receive<string>(_ => Sender.Tell(next));
        }
    }
}
