using ClusterChat.Host;

return await CommandLine.RunAsync(args);
