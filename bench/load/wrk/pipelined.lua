-- As many requests at once as its argument says.
dofile(os.getenv("WRK_REPORT"))

local requests

function init(args)
  requests = string.rep(wrk.format("GET"), tonumber(args[1]))
end

function request()
  return requests
end
